-- The conversations that a user has had, or has missed, from her own point of view.
CREATE TABLE conversation_logs (
    user_id            BIGINT NOT NULL,
    ended_at           BIGINT NOT NULL,
    conversation_id    TEXT NOT NULL,
    status             TEXT NOT NULL,
    direction          TEXT NOT NULL,
    importance         TEXT NOT NULL,
    subject            TEXT NOT NULL,
    thread_id          TEXT NOT NULL,
    recipients         TEXT NOT NULL,      -- JSON: some of the others
    recipients_count   BIGINT NOT NULL,
    organizer_id       BIGINT,             -- of a meeting
    online_meeting_id  TEXT,
    heard_from         BIGINT,             -- the numbers of the messages that she may see
    heard_to           BIGINT,
    is_unread          BIGINT NOT NULL,
    PRIMARY KEY (user_id, ended_at, conversation_id)
);
CREATE INDEX conversation_logs_by_conversation ON conversation_logs (conversation_id);
CREATE INDEX conversation_logs_by_time ON conversation_logs (ended_at);

-- The messages of conversations of which there is a log: one row each, whoever has a log.
CREATE TABLE transcripts (
    conversation_id  TEXT NOT NULL,
    number           BIGINT NOT NULL,
    address          TEXT NOT NULL,
    user_id          BIGINT NOT NULL,
    sent_at          BIGINT NOT NULL,
    plain            TEXT NOT NULL,
    html             TEXT,
    failed           TEXT NOT NULL,        -- JSON: addresses
    PRIMARY KEY (conversation_id, number)
);
CREATE INDEX transcripts_by_time ON transcripts (sent_at);
CREATE INDEX transcripts_by_user ON transcripts (user_id);
