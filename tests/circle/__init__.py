"""An example of a noun that many share, which the product does not serve.

A circle has members, each with a role: whoever joins waits in its lobby, until a leader admits her.
It is declared as any noun is: its tables in `tables/`, its resources beside this.
"""
