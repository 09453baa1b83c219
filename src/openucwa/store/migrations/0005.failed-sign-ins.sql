-- Sign-ins that failed: each stands here once for its account, and once for its address.
CREATE TABLE failed_sign_ins (
    key     TEXT NOT NULL,       -- SHA-256 of the account or the address, in hexadecimal
    number  BIGINT NOT NULL,     -- of the key's, one after the other
    at      BIGINT NOT NULL,
    PRIMARY KEY (key, number)
);
CREATE INDEX failed_sign_ins_by_time ON failed_sign_ins (at);
