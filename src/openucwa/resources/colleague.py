"""A colleague: another user of the organization, as clients name one."""

from openucwa.domain.people import User
from openucwa.resources.viewer import Me
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire import sip
from openucwa.wire.errors import ParameterValidationFailure


def user_named(tx: Transaction, me: Me, given: str, parameter: str) -> User:
    """Return the user whom a SIP address means, or an address without its scheme.

    Raises ParameterValidationFailure for what is no address, and for who is no user.
    """
    uri = given.strip()
    uri = uri if ":" in uri else f"sip:{uri}"
    domain = me.deployment.domain
    try:
        host = sip.host(uri)
    except ValueError:
        raise ParameterValidationFailure(
            {parameter: f"must be the SIP address of a person, such as sip:alex@{domain}"}
        ) from None
    found = tx.of(Users).by_uri(uri)
    if found is None:
        whom = "a user" if host == domain.lower() else f"an address of {domain}"
        raise ParameterValidationFailure(
            {parameter: f"is not {whom}: choose a user of this organization"}
        )
    return found
