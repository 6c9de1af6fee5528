//! The ledger's tables, as numbered steps from an empty file to the tables of today. How they are taken stands in `schema`.
//!
//! A step that has been released is never changed; a change is a new step.

/// The steps, in order. Nights are ISO dates, which sort as text in the order of time.
pub(super) const STEPS: [&str; 7] = [FIRST, SECOND, THIRD, TRIED, OUTCOMES, SAMPLE_KEYS, SETTLED];

/// What a night leaves behind: who ran, what stood, what the extracts were like.
pub(super) const FIRST: &str = "
    CREATE TABLE meta (
        name  TEXT NOT NULL PRIMARY KEY,      -- `key`: the ledger's secret, 32 bytes; `seal`: a hash made with it
        value BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE night (
        night    TEXT NOT NULL PRIMARY KEY,
        manifest BLOB NOT NULL CHECK (length(manifest) = 32)      -- SHA-256 of manifest.json
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE robot_night (
        id        INTEGER PRIMARY KEY,
        robot     TEXT NOT NULL,
        night     TEXT NOT NULL REFERENCES night (night),
        since     TEXT NOT NULL,
        previous  TEXT,                                  -- the night whose extracts were yesterday's; null: none
        version   TEXT NOT NULL,
        status    TEXT NOT NULL CHECK (status IN ('ran', 'held', 'set aside', 'refused', 'failed')),
        reason    TEXT,                                  -- why it did not deliver
        clear     INTEGER NOT NULL,
        flagged   INTEGER NOT NULL,
        undecided INTEGER NOT NULL,
        protected INTEGER NOT NULL,
        delivered INTEGER NOT NULL GENERATED ALWAYS AS (status IN ('ran', 'held')) VIRTUAL,
        UNIQUE (robot, night),
        CHECK ((reason IS NULL) = (status IN ('ran', 'held')))
    ) STRICT;
    CREATE INDEX robot_night_by_night ON robot_night (night);

    -- One row for each finding that stood a delivered night. Kept in the order of its key, without a row number:
    -- a night's findings lie together, and are written and read in one go.
    CREATE TABLE standing (
        robot_night INTEGER NOT NULL REFERENCES robot_night (id) ON DELETE CASCADE,
        case_id     TEXT NOT NULL,
        check_id    TEXT NOT NULL,
        subject     BLOB NOT NULL CHECK (length(subject) = 16),       -- keyed hash
        fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 16),   -- keyed hash
        presence    TEXT NOT NULL CHECK (presence IN ('seen', 'carried')),
        noted_night TEXT,                                             -- the night whose note said it
        PRIMARY KEY (robot_night, case_id, check_id, subject, fingerprint)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE extract_night (
        extract    TEXT NOT NULL,
        night      TEXT NOT NULL REFERENCES night (night),
        rows       INTEGER NOT NULL,
        rejected   INTEGER NOT NULL,
        unreadable INTEGER NOT NULL,
        bytes      INTEGER NOT NULL,
        sha256     BLOB NOT NULL CHECK (length(sha256) = 32),
        PRIMARY KEY (extract, night)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX extract_night_by_night ON extract_night (night);

    -- At most one row: what is to be put in place.
    CREATE TABLE publication (
        only_row   INTEGER PRIMARY KEY CHECK (only_row = 1),
        night      TEXT NOT NULL REFERENCES night (night),
        staging    TEXT NOT NULL,
        final_path TEXT NOT NULL
    ) STRICT;
";

/// What operations need: runs, notes, what guards measured, releases, recalls, decisions, sample draws, and findings from
/// their first night to their last.
pub(super) const SECOND: &str = "
    -- The first night of the unbroken row of delivered nights that the finding stood; null in rows of version 1.
    ALTER TABLE standing ADD COLUMN first_night TEXT;
    -- SHA-256 of what the robot's definition meant that night.
    ALTER TABLE robot_night ADD COLUMN meaning BLOB CHECK (length(meaning) = 32);
    -- Which guard stopped the extract that night.
    ALTER TABLE extract_night ADD COLUMN stopped TEXT;
    -- Whether its folder has been deleted on purpose.
    ALTER TABLE night ADD COLUMN purged INTEGER NOT NULL DEFAULT 0 CHECK (purged IN (0, 1));

    CREATE TABLE run (
        id      INTEGER PRIMARY KEY,
        night   TEXT NOT NULL,
        begun   TEXT NOT NULL,                           -- UTC, as ended
        ended   TEXT NOT NULL,
        version TEXT NOT NULL,                           -- nattkoll's
        robots  TEXT NOT NULL,                           -- those that were run, separated by spaces
        exit    INTEGER NOT NULL
    ) STRICT;

    -- One row for each note of a robot's night, held ones too. Its id is made of night, robot and case.
    CREATE TABLE note (
        robot_night INTEGER NOT NULL REFERENCES robot_night (id) ON DELETE CASCADE,
        case_id     TEXT NOT NULL,
        PRIMARY KEY (robot_night, case_id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE measure (
        extract TEXT NOT NULL,
        night   TEXT NOT NULL,
        guard   TEXT NOT NULL,
        part    INTEGER NOT NULL,
        whole   INTEGER,
        allowed TEXT NOT NULL,
        passed  INTEGER NOT NULL CHECK (passed IN (0, 1)),
        PRIMARY KEY (extract, night, guard)
    ) STRICT, WITHOUT ROWID;

    -- What somebody decided about the notes that were held. It outlives a new run of the night, and speaks for its notes
    -- as long as they are the same.
    CREATE TABLE release (
        robot    TEXT NOT NULL,
        night    TEXT NOT NULL,
        decision TEXT NOT NULL CHECK (decision IN ('released', 'refused')),
        notes    BLOB NOT NULL CHECK (length(notes) = 32),            -- SHA-256 of the notes' file
        role     TEXT NOT NULL,
        at       TEXT NOT NULL,
        PRIMARY KEY (robot, night)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE recall (
        robot   TEXT NOT NULL,
        night   TEXT NOT NULL,
        case_id TEXT NOT NULL,
        version TEXT NOT NULL,                           -- of the robot's definition
        at      TEXT NOT NULL,
        PRIMARY KEY (robot, night, case_id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE decision (
        robot       TEXT NOT NULL,
        meaning     BLOB NOT NULL CHECK (length(meaning) = 32),
        reference   TEXT NOT NULL,
        role        TEXT NOT NULL,
        decided     TEXT NOT NULL,
        first_night TEXT NOT NULL,                       -- the first night that rested on it
        PRIMARY KEY (robot, meaning, reference)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE sample_draw (
        robot   TEXT NOT NULL,
        night   TEXT NOT NULL,
        subject BLOB NOT NULL CHECK (length(subject) = 16),           -- keyed hash
        why     TEXT NOT NULL,
        PRIMARY KEY (robot, night, subject)
    ) STRICT, WITHOUT ROWID;

    -- Each finding once: from the first night it stood to the last, open when that is the robot's last delivered night.
    CREATE VIEW finding AS
        SELECT robot, case_id, check_id, subject, fingerprint,
               coalesce(first_night, noted_night, night) AS first_night,
               max(night) AS last_night,
               CASE max(night) WHEN (SELECT max(night) FROM robot_night AS its WHERE its.robot = own.robot AND delivered)
                   THEN 'open' ELSE 'gone' END AS state
        FROM standing JOIN robot_night AS own ON own.id = standing.robot_night
        GROUP BY robot, case_id, check_id, subject, fingerprint, coalesce(first_night, noted_night, night);
";

/// What a run cost.
const THIRD: &str = "
    -- The most memory that the run had had when it recorded the night, in bytes; null where that is not known.
    ALTER TABLE run ADD COLUMN peak_memory INTEGER CHECK (peak_memory >= 0);
";

/// The subjects that are tried once.
const TRIED: &str = "
    -- A subject that a robot has tried, or found clear, and does not try again on a later night. It outlives what is
    -- purged, since it is what keeps the subject from being tried again.
    CREATE TABLE tried (
        robot   TEXT NOT NULL,
        subject BLOB NOT NULL CHECK (length(subject) = 16),           -- keyed hash
        night   TEXT NOT NULL,
        case_id TEXT NOT NULL,
        PRIMARY KEY (robot, subject, night)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX tried_by_night ON tried (robot, night);
";

/// What robots came to on earlier nights, as far as some robot asks.
const OUTCOMES: &str = "
    -- One row for each case and outcome of a robot's delivered night, of the robots and outcomes that some relation to
    -- `history` names. `deviates` is 1 where a check deviated, also in a protected household.
    CREATE TABLE outcome (
        robot_night INTEGER NOT NULL REFERENCES robot_night (id) ON DELETE CASCADE,
        case_id     TEXT NOT NULL,
        outcome     TEXT NOT NULL CHECK (outcome IN ('clear', 'flagged', 'undecided', 'protected')),
        deviates    INTEGER NOT NULL CHECK (deviates IN (0, 1)),
        PRIMARY KEY (robot_night, case_id, outcome)
    ) STRICT, WITHOUT ROWID;
";

/// The keys that samples are drawn from.
const SAMPLE_KEYS: &str = "
    -- The nights before the first row draw from a key that is made of the ledger's own. A night draws from the key of the
    -- last row that is not after it, so that a night run again draws the same.
    CREATE TABLE sample_key (
        first_night TEXT NOT NULL PRIMARY KEY,
        key         BLOB NOT NULL CHECK (length(key) = 32),
        made        TEXT NOT NULL                        -- UTC
    ) STRICT, WITHOUT ROWID;
";

/// What a night tried and did not settle.
const SETTLED: &str = "
    -- 0 where the subject is to be tried on other nights all the same: it was not clear, or what the robot held was refused.
    -- The row tells the night, when it is run again, that it tried the subject itself.
    ALTER TABLE tried ADD COLUMN settled INTEGER NOT NULL DEFAULT 1 CHECK (settled IN (0, 1));
";
