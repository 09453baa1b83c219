-- A talk of two, or a meeting while it runs. Who organizes it is unknown of a talk of two.
CREATE TABLE conversations (
    conversation_id     TEXT PRIMARY KEY,
    organizer_id        BIGINT,
    online_meeting_id   TEXT,
    subject             TEXT NOT NULL,
    importance          TEXT NOT NULL,
    thread_id           TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    ended_at            BIGINT,
    audience_messaging  TEXT NOT NULL,
    details             TEXT,              -- JSON, of a meeting that nobody has scheduled
    conference_id       TEXT               -- of such a meeting
);
CREATE UNIQUE INDEX conversations_that_run ON conversations (organizer_id, online_meeting_id)
    WHERE ended_at IS NULL;
CREATE INDEX conversations_that_ended ON conversations (ended_at) WHERE ended_at IS NOT NULL;

-- The people in it: one row for each, until it ends.
CREATE TABLE participants (
    conversation_id  TEXT NOT NULL,
    address          TEXT NOT NULL,
    user_id          BIGINT NOT NULL,
    uri              TEXT NOT NULL,
    name             TEXT NOT NULL,
    standing         TEXT NOT NULL,
    place            TEXT NOT NULL,
    leads            BIGINT NOT NULL,
    admitted         BIGINT NOT NULL,
    ejected          BIGINT NOT NULL,
    since            BIGINT NOT NULL,      -- position of the facts before she came in, or began to wait
    moved_at         BIGINT NOT NULL,
    PRIMARY KEY (conversation_id, address)
);
CREATE INDEX participants_by_user ON participants (user_id, conversation_id);
CREATE INDEX participants_by_place ON participants (conversation_id, place);
CREATE INDEX participants_in_lobbies ON participants (moved_at) WHERE place = 'lobby';

-- A conversation as one application of a participant sees it.
CREATE TABLE views (
    user_id          BIGINT NOT NULL,
    application_id   BIGINT NOT NULL,
    conversation_id  TEXT NOT NULL,
    state            TEXT NOT NULL,
    since            BIGINT NOT NULL,      -- time
    ended_at         BIGINT,
    PRIMARY KEY (user_id, application_id, conversation_id)
);
CREATE INDEX views_of_conversations ON views (conversation_id, user_id);
CREATE INDEX views_that_ended ON views (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX views_that_live ON views (application_id) WHERE ended_at IS NULL;

-- Operations by which people come into a conversation, each of one application.
CREATE TABLE invitations (
    invitation_id    TEXT PRIMARY KEY,
    user_id          BIGINT NOT NULL,
    application_id   BIGINT NOT NULL,
    conversation_id  TEXT NOT NULL,
    kind             TEXT NOT NULL,        -- the rel
    direction        TEXT NOT NULL,
    state            TEXT NOT NULL,
    operation_id     TEXT NOT NULL,
    details          TEXT NOT NULL,        -- JSON: what does not change
    due_at           BIGINT,               -- the time at which nobody has answered
    completed_at     BIGINT
);
CREATE INDEX invitations_of_conversations ON invitations (conversation_id, user_id);
CREATE INDEX invitations_that_are_due ON invitations (due_at) WHERE completed_at IS NULL;
CREATE INDEX invitations_that_completed ON invitations (completed_at)
    WHERE completed_at IS NOT NULL;

-- The time at which a client was last given a package of events.
ALTER TABLE channels ADD COLUMN given_at BIGINT;
