-- The state of instant messaging in a view, the formats that its application takes (separated by
-- commas), and the numbers of the messages that it may see, from and to: NULL for those to come.
ALTER TABLE views ADD COLUMN messaging TEXT NOT NULL DEFAULT 'Disconnected';
ALTER TABLE views ADD COLUMN formats TEXT NOT NULL DEFAULT '';
ALTER TABLE views ADD COLUMN heard_from BIGINT;
ALTER TABLE views ADD COLUMN heard_to BIGINT;

-- Whether somebody takes messages in one of her applications.
ALTER TABLE participants ADD COLUMN in_messaging BIGINT NOT NULL DEFAULT 0;

-- The number of the last message.
ALTER TABLE conversations ADD COLUMN last_message BIGINT NOT NULL DEFAULT 1;

CREATE TABLE messages (
    conversation_id  TEXT NOT NULL,
    number           BIGINT NOT NULL,
    address          TEXT NOT NULL,
    user_id          BIGINT NOT NULL,
    application_id   BIGINT NOT NULL,
    sent_at          BIGINT NOT NULL,
    operation_id     TEXT NOT NULL,
    plain            TEXT NOT NULL,
    html             TEXT,
    failed           TEXT NOT NULL,        -- JSON: addresses
    PRIMARY KEY (conversation_id, number)
);
CREATE INDEX messages_by_time ON messages (conversation_id, sent_at);
CREATE INDEX messages_by_user ON messages (user_id);

-- Those who type, until others are told that they do not, and when they were told last that they do.
CREATE TABLE typists (
    conversation_id  TEXT NOT NULL,
    address          TEXT NOT NULL,
    user_id          BIGINT NOT NULL,
    told_at          BIGINT NOT NULL,
    due_at           BIGINT,
    PRIMARY KEY (conversation_id, address)
);
CREATE INDEX typists_that_are_due ON typists (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX typists_by_user ON typists (user_id);
