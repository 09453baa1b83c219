-- What wrote a version of a meeting, or its time, and for whom. Nobody knows it of those from before.
-- What a version says stays last, so that a long text is not read for the sake of these.

CREATE TABLE versions_with_clients (
    organizer_id       BIGINT NOT NULL,
    online_meeting_id  TEXT NOT NULL,
    ordinal            BIGINT NOT NULL,
    version            BIGINT NOT NULL,
    author_id          BIGINT NOT NULL,
    application_id     BIGINT NOT NULL,
    client             TEXT NOT NULL,      -- the user agent of the application
    on_behalf          BIGINT NOT NULL,    -- 1 where a delegate wrote it for the organizer
    written_at         BIGINT NOT NULL,
    bytes              BIGINT NOT NULL,
    changed            TEXT,               -- JSON; NULL of the first, and where nobody knows any more
    details            TEXT NOT NULL,      -- JSON
    PRIMARY KEY (organizer_id, online_meeting_id, ordinal)
);
INSERT INTO versions_with_clients
    SELECT organizer_id, online_meeting_id, ordinal, version, author_id, application_id, '', 0,
        written_at, bytes, changed, details
    FROM meeting_versions;
DROP TABLE meeting_versions;
ALTER TABLE versions_with_clients RENAME TO meeting_versions;

ALTER TABLE meeting_schedules ADD COLUMN client TEXT NOT NULL DEFAULT '';
ALTER TABLE meeting_schedules ADD COLUMN on_behalf BIGINT NOT NULL DEFAULT 0;
