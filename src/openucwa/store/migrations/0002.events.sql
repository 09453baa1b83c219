-- What has happened, in order: keys only.
CREATE TABLE facts (
    position  INTEGER PRIMARY KEY,
    at        BIGINT NOT NULL,
    topic     TEXT NOT NULL,
    type      TEXT NOT NULL,
    rel       TEXT NOT NULL,
    keys      TEXT NOT NULL                -- JSON
);
CREATE INDEX facts_by_topic ON facts (topic, position);

-- How far each instance of an application has been told.
CREATE TABLE channels (
    application_id  BIGINT NOT NULL,
    instance_id     TEXT NOT NULL,
    user_id         BIGINT NOT NULL,
    opened_at       BIGINT NOT NULL,
    number          BIGINT NOT NULL,       -- of the last package
    since           BIGINT NOT NULL,       -- which tells the facts after this position
    until           BIGINT NOT NULL,       -- up to this one
    low             BIGINT NOT NULL,       -- seconds
    medium          BIGINT NOT NULL,
    timeout         BIGINT NOT NULL,
    PRIMARY KEY (application_id, instance_id)
);

-- What applications can do in conversations, where their clients have told.
CREATE TABLE communications (
    application_id  BIGINT PRIMARY KEY,
    version         BIGINT NOT NULL,
    preferences     TEXT NOT NULL          -- JSON
);

-- Applications from before have no channel: their clients create them again.
UPDATE applications SET ended_at = last_seen_at WHERE ended_at IS NULL;
