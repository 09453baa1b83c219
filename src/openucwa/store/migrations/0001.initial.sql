-- Times are milliseconds since 1970, versions are what clients know as entity tags.

CREATE TABLE users (
    id             BIGINT PRIMARY KEY,
    sip_key        TEXT NOT NULL UNIQUE,   -- the normalised form of uri
    join_name      TEXT NOT NULL UNIQUE,
    password_hash  TEXT NOT NULL,
    disabled       BIGINT NOT NULL,        -- 0 or 1
    profile        TEXT NOT NULL           -- JSON
);

CREATE TABLE tokens (
    hash           TEXT PRIMARY KEY,       -- SHA-256, in hexadecimal
    user_id        BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL
);
CREATE INDEX tokens_by_user ON tokens (user_id);
CREATE INDEX tokens_by_expiry ON tokens (expires_at);

CREATE TABLE applications (
    id             BIGINT PRIMARY KEY,
    user_id        BIGINT NOT NULL,
    endpoint_id    TEXT NOT NULL,
    registration   TEXT NOT NULL,          -- JSON
    version        BIGINT NOT NULL,
    last_seen_at   BIGINT NOT NULL,
    ended_at       BIGINT
);
CREATE INDEX applications_by_user ON applications (user_id, endpoint_id);
CREATE INDEX applications_by_last_seen ON applications (last_seen_at);

-- Who organizes which meeting, and which version is the current one.
CREATE TABLE meetings (
    organizer_id       BIGINT NOT NULL,
    online_meeting_id  TEXT NOT NULL,
    rel                TEXT NOT NULL,
    conference_id      TEXT NOT NULL UNIQUE,
    version            BIGINT NOT NULL,
    ordinal            BIGINT NOT NULL,
    expires_at         BIGINT,             -- or its last change, if that is later
    PRIMARY KEY (organizer_id, online_meeting_id)
);
CREATE INDEX meetings_by_expiry ON meetings (expires_at);

-- What each version says; the one of a meeting's ordinal is the current one.
CREATE TABLE meeting_versions (
    organizer_id       BIGINT NOT NULL,
    online_meeting_id  TEXT NOT NULL,
    ordinal            BIGINT NOT NULL,
    version            BIGINT NOT NULL,
    author_id          BIGINT NOT NULL,
    application_id     BIGINT NOT NULL,
    written_at         BIGINT NOT NULL,
    details            TEXT NOT NULL,      -- JSON
    PRIMARY KEY (organizer_id, online_meeting_id, ordinal)
);

CREATE TABLE extensions (
    organizer_id       BIGINT NOT NULL,
    online_meeting_id  TEXT NOT NULL,
    id                 TEXT NOT NULL,
    type               TEXT NOT NULL,
    version            BIGINT NOT NULL,
    members            TEXT NOT NULL,      -- JSON
    PRIMARY KEY (organizer_id, online_meeting_id, id)
);
