-- What requests have made that may be repeated: a repetition is answered with the same.
CREATE TABLE idempotency_keys (
    user_id  BIGINT NOT NULL,
    key      TEXT NOT NULL,       -- SHA-256 of the key that the client chose, in hexadecimal
    request  TEXT NOT NULL,       -- SHA-256 of what was asked for, in hexadecimal
    made     TEXT NOT NULL,       -- JSON: the keys of what was made
    at       BIGINT NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (at);
