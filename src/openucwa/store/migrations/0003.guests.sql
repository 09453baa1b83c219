-- A guest is a user without a password who may take part in one meeting. NULL for everybody else.

ALTER TABLE users ADD COLUMN guest_organizer_id BIGINT;
ALTER TABLE users ADD COLUMN guest_meeting_id TEXT;
CREATE INDEX users_by_guest_meeting ON users (guest_organizer_id, guest_meeting_id)
    WHERE guest_meeting_id IS NOT NULL;
