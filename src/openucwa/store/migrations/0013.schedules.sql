-- When meetings take place. A row stays when its meeting has no time any more, so that no version
-- comes back: its times are NULL then.
CREATE TABLE meeting_schedules (
    organizer_id       BIGINT NOT NULL,
    online_meeting_id  TEXT NOT NULL,
    starts_at          BIGINT,
    ends_at            BIGINT,
    time_zone          TEXT,               -- its name in the IANA database
    version            BIGINT NOT NULL,
    author_id          BIGINT NOT NULL,
    application_id     BIGINT NOT NULL,
    written_at         BIGINT NOT NULL,
    PRIMARY KEY (organizer_id, online_meeting_id)
);
