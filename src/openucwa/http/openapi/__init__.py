"""The description of the server in OpenAPI 3.1, written from the declarations of the resources."""
