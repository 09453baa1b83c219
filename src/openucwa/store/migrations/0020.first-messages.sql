-- Of a talk of two that became a meeting, the number of its first message as a meeting: those who
-- come later hear none of the talk.
ALTER TABLE conversations ADD COLUMN first_message BIGINT NOT NULL DEFAULT 2;
