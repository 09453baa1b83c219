"""photo: the picture of a person. Nobody has one yet.

Source: photo_ref.md, GetMyPhoto.md.
"""

from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction

photo = Resource[object](
    rel="photo", path="applications/{application_id}/photos/{photo_id}", is_photo=True
)


@photo.find
def find(tx: Transaction, me: Me, photo_id: str) -> None:
    """The photo of a person."""
