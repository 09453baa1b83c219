-- What each channel follows: facts of a topic after a position, and up to another where it has left.
CREATE TABLE follows (
    user_id         BIGINT NOT NULL,
    application_id  BIGINT NOT NULL,
    instance_id     TEXT NOT NULL,
    topic           TEXT NOT NULL,
    since           BIGINT NOT NULL,
    until           BIGINT,
    PRIMARY KEY (user_id, application_id, instance_id, topic, since)
);
INSERT INTO follows
    SELECT user_id, application_id, instance_id, 'user/' || user_id, since, NULL FROM channels;
INSERT INTO follows
    SELECT user_id, application_id, instance_id, 'application/' || application_id, since, NULL
    FROM channels;
INSERT INTO follows
    SELECT user_id, application_id, instance_id,
        'channel/' || application_id || '/' || instance_id, since, NULL
    FROM channels;
CREATE INDEX follows_that_ended ON follows (until) WHERE until IS NOT NULL;

-- Facts say what has happened to which entity. A fact has no owner: whoever follows its topic is
-- told. What links to the entity is not in the table; facts that told of it stay, and tell nothing,
-- for positions are reckoned from the last one.
CREATE TABLE facts_of_entities (
    position    INTEGER PRIMARY KEY,       -- on PostgreSQL as large as all other numbers
    at          BIGINT NOT NULL,
    topic       TEXT NOT NULL,
    type        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    keys        TEXT NOT NULL,             -- JSON
    collection  TEXT NOT NULL DEFAULT '',  -- where it came to, or what it has left
    priority    TEXT,                      -- where it differs from that of its kind
    status      TEXT,                      -- of an operation that has completed
    reason      TEXT                       -- JSON
);
INSERT INTO facts_of_entities (position, at, topic, type, kind, keys)
    SELECT position, at, topic, type,
        CASE rel
            WHEN 'myOnlineMeeting' THEN 'meeting'
            WHEN 'myAssignedOnlineMeeting' THEN 'standing meeting'
            WHEN 'onlineMeetingExtension' THEN 'extension'
            WHEN 'me' THEN 'user'
            WHEN 'events' THEN 'channel'
            WHEN 'communication' THEN 'communication'
            ELSE ''
        END,
        keys
    FROM facts;
-- The highest id of a user who was removed, or a higher one: facts may be told of it.
ALTER TABLE log ADD COLUMN removed_user BIGINT NOT NULL DEFAULT 0;
UPDATE log SET removed_user = (SELECT coalesce(max(owner_id), 0) FROM facts);
DROP TABLE facts;
ALTER TABLE facts_of_entities RENAME TO facts;
CREATE UNIQUE INDEX facts_by_topic ON facts (topic, position);
