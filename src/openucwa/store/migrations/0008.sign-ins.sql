-- What is throttled: each row is a token bucket, and tells when it is full again.
DROP TABLE failed_sign_ins;
CREATE TABLE throttle (
    key      TEXT PRIMARY KEY,   -- SHA-256 of what is counted by, in hexadecimal
    full_at  BIGINT NOT NULL
);
CREATE INDEX throttle_by_time ON throttle (full_at);

-- Where users have signed in.
CREATE TABLE networks (
    key      TEXT PRIMARY KEY,   -- SHA-256 of the account and the network, in hexadecimal
    user_id  BIGINT NOT NULL,
    at       BIGINT NOT NULL
);
CREATE INDEX networks_by_user ON networks (user_id);
CREATE INDEX networks_by_time ON networks (at);
