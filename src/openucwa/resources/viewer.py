"""The viewer: the user who asks, her application, and what applies to her."""

from openucwa.domain.applications import Application
from openucwa.domain.deployment import Deployment
from openucwa.domain.people import User
from openucwa.domain.policies import Policy


class Me:
    """The user of a request, as the resources see her."""

    __slots__ = ("_application", "deployment", "policy", "session", "user")

    def __init__(
        self,
        user: User,
        deployment: Deployment,
        application: Application | None = None,
        session: str = "",
    ) -> None:
        self.user = user
        self.deployment = deployment
        self.policy: Policy = deployment.policy(user.policy)
        self._application = application
        self.session = session

    @property
    def is_guest(self) -> bool:
        """True for a guest, who may take part in one meeting and nothing else."""
        return self.user.guest_of is not None

    def within(self, application: Application) -> "Me":
        """The same user, in that application."""
        return Me(self.user, self.deployment, application, self.session)

    @property
    def application(self) -> Application:
        """The application that the request is made in. Below `applications` there always is one."""
        assert self._application is not None
        return self._application

    @property
    def application_id(self) -> int:
        """The application's number, for paths."""
        return self.application.id
