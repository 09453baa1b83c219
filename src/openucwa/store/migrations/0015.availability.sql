-- Since when an application takes invitations, when its user was active there last, and after how
-- many milliseconds without that she counts as inactive: NULL until its client says that she is
-- available.
ALTER TABLE applications ADD COLUMN available_at BIGINT;
ALTER TABLE applications ADD COLUMN active_at BIGINT;
ALTER TABLE applications ADD COLUMN inactive_after BIGINT;

-- What a user tells others of herself. There is no row until she has told something.
CREATE TABLE presences (
    user_id       BIGINT PRIMARY KEY,
    availability  TEXT,                     -- NULL where it is worked out
    chosen_at     BIGINT,                   -- when she chose that
    note          TEXT NOT NULL,
    location      TEXT NOT NULL
);

-- The words by which people are found, folded, and the order of who has been found.
CREATE TABLE directory_words (
    word     TEXT NOT NULL,
    user_id  BIGINT NOT NULL,
    PRIMARY KEY (word, user_id)
);
CREATE INDEX directory_words_by_user ON directory_words (user_id);
ALTER TABLE users ADD COLUMN sort_key TEXT NOT NULL DEFAULT '';
