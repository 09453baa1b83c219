-- Whose client has signed in, from where; and in which session an application was used last.
ALTER TABLE tokens ADD COLUMN issued_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN client TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE applications ADD COLUMN session TEXT NOT NULL DEFAULT '';
