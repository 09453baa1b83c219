"""The error for a wrong request to the controls."""


class Wrong(Exception):
    """It can't be done. The message says why, `status` is the answer's."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
