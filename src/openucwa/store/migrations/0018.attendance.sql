-- Who was in which meeting, from when to when; nobody has left yet where that is NULL.
CREATE TABLE attendances (
    organizer_id       BIGINT NOT NULL,
    online_meeting_id  TEXT NOT NULL,
    address            TEXT NOT NULL,
    joined_at          BIGINT NOT NULL,
    left_at            BIGINT,
    user_id            BIGINT NOT NULL,
    uri                TEXT NOT NULL,
    name               TEXT NOT NULL,
    role               TEXT NOT NULL,      -- Leader for who led at any time
    anonymous          BIGINT NOT NULL,    -- 1 for a guest
    PRIMARY KEY (organizer_id, online_meeting_id, address, joined_at)
);
CREATE INDEX attendances_in_order ON attendances (organizer_id, online_meeting_id, joined_at);
CREATE INDEX attendances_by_user ON attendances (user_id);
CREATE INDEX attendances_by_time ON attendances (joined_at);
