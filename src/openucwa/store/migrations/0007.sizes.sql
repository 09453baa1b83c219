-- How much the versions of meetings and the extensions hold, in bytes, and what a version changed.
-- What a version says comes last: a long text is not read for the sake of what stands behind it.
-- What the versions from before changed is filled in by store/backfill.py.

CREATE TABLE versions_with_sizes (
    organizer_id       BIGINT NOT NULL,
    online_meeting_id  TEXT NOT NULL,
    ordinal            BIGINT NOT NULL,
    version            BIGINT NOT NULL,
    author_id          BIGINT NOT NULL,
    application_id     BIGINT NOT NULL,
    written_at         BIGINT NOT NULL,
    bytes              BIGINT NOT NULL,
    changed            TEXT,               -- JSON; NULL of the first, and where nobody knows any more
    details            TEXT NOT NULL,      -- JSON
    PRIMARY KEY (organizer_id, online_meeting_id, ordinal)
);
INSERT INTO versions_with_sizes
    SELECT organizer_id, online_meeting_id, ordinal, version, author_id, application_id,
        written_at, length(details), NULL, details
    FROM meeting_versions;
DROP TABLE meeting_versions;
ALTER TABLE versions_with_sizes RENAME TO meeting_versions;

ALTER TABLE meetings ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0;       -- of the current version
ALTER TABLE meetings ADD COLUMN kept_bytes BIGINT NOT NULL DEFAULT 0;  -- of all that are kept
UPDATE meetings SET
    bytes = (SELECT v.bytes FROM meeting_versions v WHERE v.organizer_id = meetings.organizer_id
        AND v.online_meeting_id = meetings.online_meeting_id AND v.ordinal = meetings.ordinal),
    kept_bytes = (SELECT CAST(sum(v.bytes) AS BIGINT) FROM meeting_versions v
        WHERE v.organizer_id = meetings.organizer_id
        AND v.online_meeting_id = meetings.online_meeting_id);

ALTER TABLE extensions ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0;
UPDATE extensions SET bytes = length(members);
