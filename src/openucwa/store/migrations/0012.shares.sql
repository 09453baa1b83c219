-- With whom a meeting is shared, and as what.
CREATE TABLE shares (
    organizer_id       BIGINT NOT NULL,
    online_meeting_id  TEXT NOT NULL,
    user_id            BIGINT NOT NULL,
    role               TEXT NOT NULL,          -- Editor or Reader
    version            BIGINT NOT NULL,
    PRIMARY KEY (organizer_id, online_meeting_id, user_id)
);
CREATE INDEX shares_by_user ON shares (user_id);

-- The meetings of a user are a topic, of which each meeting is a part; '' is all of it.
ALTER TABLE facts ADD COLUMN part TEXT NOT NULL DEFAULT '';
CREATE INDEX facts_by_part ON facts (topic, part, position) WHERE part <> '';
CREATE TABLE follows_of_parts (
    user_id         BIGINT NOT NULL,
    application_id  BIGINT NOT NULL,
    instance_id     TEXT NOT NULL,
    topic           TEXT NOT NULL,
    part            TEXT NOT NULL,
    since           BIGINT NOT NULL,
    until           BIGINT,
    PRIMARY KEY (user_id, application_id, instance_id, topic, part, since)
);
INSERT INTO follows_of_parts
    SELECT user_id, application_id, instance_id, topic, '', since, until FROM follows;
INSERT INTO follows_of_parts
    SELECT user_id, application_id, instance_id, 'meetings/' || user_id, '', since, NULL
    FROM channels;
DROP TABLE follows;
ALTER TABLE follows_of_parts RENAME TO follows;
CREATE INDEX follows_that_ended ON follows (until) WHERE until IS NOT NULL;
CREATE INDEX follows_by_part ON follows (topic, part) WHERE part <> '';
