-- Who acts for whom.
CREATE TABLE delegates (
    organizer_id  BIGINT NOT NULL,
    delegate_id   BIGINT NOT NULL,
    PRIMARY KEY (organizer_id, delegate_id)
);
CREATE INDEX delegates_by_delegate ON delegates (delegate_id);
-- How often somebody has lost the right to change the meeting. The count itself tells nothing: it
-- lets a transaction of that person, which is under way, start anew, because the row has changed.
ALTER TABLE meetings ADD COLUMN grants BIGINT NOT NULL DEFAULT 0;
