-- What belongs to a user is keyed by the user first. So all of it can be kept together, apart from
-- what belongs to others.

CREATE TABLE applications_by_owner (
    user_id        BIGINT NOT NULL,
    id             BIGINT NOT NULL,
    endpoint_id    TEXT NOT NULL,
    registration   TEXT NOT NULL,          -- JSON
    version        BIGINT NOT NULL,
    last_seen_at   BIGINT NOT NULL,
    ended_at       BIGINT,
    PRIMARY KEY (user_id, id)
);
INSERT INTO applications_by_owner
    SELECT user_id, id, endpoint_id, registration, version, last_seen_at, ended_at
    FROM applications;

CREATE TABLE channels_by_owner (
    user_id         BIGINT NOT NULL,
    application_id  BIGINT NOT NULL,
    instance_id     TEXT NOT NULL,
    opened_at       BIGINT NOT NULL,
    number          BIGINT NOT NULL,       -- of the last package
    since           BIGINT NOT NULL,       -- which tells the facts after this position
    until           BIGINT NOT NULL,       -- up to this one
    low             BIGINT NOT NULL,       -- seconds
    medium          BIGINT NOT NULL,
    timeout         BIGINT NOT NULL,
    PRIMARY KEY (user_id, application_id, instance_id)
);
INSERT INTO channels_by_owner
    SELECT user_id, application_id, instance_id, opened_at, number, since, until, low, medium,
        timeout
    FROM channels;

CREATE TABLE communications_by_owner (
    user_id         BIGINT NOT NULL,
    application_id  BIGINT NOT NULL,
    version         BIGINT NOT NULL,
    preferences     TEXT NOT NULL,         -- JSON
    PRIMARY KEY (user_id, application_id)
);
INSERT INTO communications_by_owner
    SELECT a.user_id, c.application_id, c.version, c.preferences
    FROM communications c JOIN applications a ON a.id = c.application_id;

-- The owner of a fact is the user whose channels follow its topic.
CREATE TABLE facts_by_owner (
    position  INTEGER PRIMARY KEY,         -- on PostgreSQL as large as all other numbers
    owner_id  BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    topic     TEXT NOT NULL,
    type      TEXT NOT NULL,
    rel       TEXT NOT NULL,
    keys      TEXT NOT NULL                -- JSON
);
INSERT INTO facts_by_owner
    SELECT f.position,
        CASE WHEN f.topic LIKE 'user/%' THEN CAST(substr(f.topic, 6) AS BIGINT)
        ELSE coalesce((SELECT min(a.user_id) FROM applications a
            WHERE f.topic = 'application/' || a.id OR f.topic LIKE 'channel/' || a.id || '/%'), 0)
        END,
        f.at, f.topic, f.type, f.rel, f.keys
    FROM facts f;

-- How far the facts have been forgotten; what PostgreSQL adds to the number of a transaction, so
-- that positions always grow, in another cluster, too. One row.
CREATE TABLE log (
    forgotten  BIGINT NOT NULL,
    base       BIGINT NOT NULL
);
INSERT INTO log SELECT coalesce(min(position), 1) - 1, 0 FROM facts;

DROP TABLE applications;
DROP TABLE channels;
DROP TABLE communications;
DROP TABLE facts;
ALTER TABLE applications_by_owner RENAME TO applications;
ALTER TABLE channels_by_owner RENAME TO channels;
ALTER TABLE communications_by_owner RENAME TO communications;
ALTER TABLE facts_by_owner RENAME TO facts;

CREATE INDEX applications_by_endpoint ON applications (user_id, endpoint_id);
CREATE INDEX applications_by_last_seen ON applications (last_seen_at);
CREATE UNIQUE INDEX facts_of_owner ON facts (owner_id, position);
