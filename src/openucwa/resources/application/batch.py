"""batch: many requests in one.

Its requests are for other resources, so POST is performed where requests are taken in: in
openucwa.http.batch.

Source: batch_ref.md, BatchingRequests.md.
"""

from openucwa.resources.dashboard import dashboard
from openucwa.resources.resource import Audience

batch = dashboard("batch", "applications/{application_id}/batch", audience=Audience.EVERYBODY)
