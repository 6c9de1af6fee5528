//! The ledger's tables, as numbered steps from an empty file to the tables of today. How they are taken stands in `schema`.
//!
//! A step that has been released is never changed; a change is a new step.

/// The steps, in order. Nights are ISO dates, which sort as text in the order of time.
pub(super) const STEPS: [&str; 8] = [FIRST, SECOND, THIRD, TRIED, OUTCOMES, SAMPLE_KEYS, SETTLED, MONTHS];

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
    -- Earlier versions left a decision where a new run of the night held something else: what is held now waits.
    DELETE FROM release WHERE EXISTS (
        SELECT 1 FROM robot_night AS own
        WHERE own.robot = release.robot AND own.night = release.night AND own.status = 'held'
          AND (release.decision = 'released' OR EXISTS (SELECT 1 FROM note WHERE note.robot_night = own.id)));
";

/// What the months' follow-up needs of the nights: whom the robots tried, what stood by unit, whom notes are about, and sums
/// out of extracts.
const MONTHS: &str = "
    -- A subject that some robot has tried, and the number that stands for it below, on every night and for every robot.
    -- `meta` has the next number, under `subjects`.
    CREATE TABLE subject (
        hash   BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 16),   -- keyed hash
        number INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- Whom a robot tried a delivered night: a set of subjects' numbers.
    CREATE TABLE trial (
        robot_night INTEGER NOT NULL PRIMARY KEY REFERENCES robot_night (id) ON DELETE CASCADE,
        subjects    BLOB NOT NULL
    ) STRICT;

    -- What its checks came to, those that only inform left out.
    CREATE TABLE check_night (
        robot_night INTEGER NOT NULL REFERENCES robot_night (id) ON DELETE CASCADE,
        check_id    TEXT NOT NULL,
        tried       INTEGER NOT NULL,                    -- subjects, as the two that follow
        deviated    INTEGER NOT NULL,
        undecided   INTEGER NOT NULL,
        new         INTEGER NOT NULL,                    -- new deviations
        untried     BLOB NOT NULL,                       -- the numbers of those of the trial that it was not tried for
        newly       BLOB NOT NULL,                       -- of those with a new deviation
        PRIMARY KEY (robot_night, check_id)
    ) STRICT, WITHOUT ROWID;

    -- How many deviations stood in cases of a unit; the unit is empty where it is not known, and for protected households.
    CREATE TABLE unit_night (
        robot_night INTEGER NOT NULL REFERENCES robot_night (id) ON DELETE CASCADE,
        unit        TEXT NOT NULL,
        check_id    TEXT NOT NULL,
        standing    INTEGER NOT NULL,
        PRIMARY KEY (robot_night, unit, check_id)
    ) STRICT, WITHOUT ROWID;

    -- Whom a note is about; null where that is not known, for protected households, and in rows of earlier versions.
    ALTER TABLE note ADD COLUMN unit TEXT;
    ALTER TABLE note ADD COLUMN sex TEXT CHECK (sex IN ('woman', 'man'));
    ALTER TABLE note ADD COLUMN age_group TEXT
        CHECK (age_group IN ('18-24', '25-34', '35-44', '45-54', '55-64', '65-'));

    -- Each extract that figures are kept of, each night that was run as a whole.
    CREATE TABLE figure_night (
        id         INTEGER PRIMARY KEY,
        extract    TEXT NOT NULL,
        night      TEXT NOT NULL REFERENCES night (night),
        grouped_by TEXT NOT NULL,                        -- the fields, as a JSON list
        rejected   INTEGER NOT NULL,                     -- its rows that could not be read: any group may lack them
        reason     TEXT,                                 -- why nothing is known of it; then it has no figures
        UNIQUE (extract, night)
    ) STRICT;
    CREATE INDEX figure_night_by_night ON figure_night (night);

    CREATE TABLE figure (
        figure_night INTEGER NOT NULL REFERENCES figure_night (id) ON DELETE CASCADE,
        grouped      TEXT NOT NULL,                      -- a JSON list of texts; null: none, false: not known which
        field        TEXT NOT NULL,                      -- empty: how many rows the group has
        of_known     TEXT NOT NULL,                      -- the exact sum over the rows in which the field is known
        unknown      INTEGER NOT NULL,                   -- in how many it is not, or that may not belong here
        PRIMARY KEY (figure_night, grouped, field)
    ) STRICT, WITHOUT ROWID;
";
