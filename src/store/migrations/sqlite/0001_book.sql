-- The book on SQLite. What is selected by is generated from the facts, so that it cannot differ from them.

CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL CHECK (seq >= 0),
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    ids TEXT NOT NULL
) STRICT;
INSERT INTO head VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000', '{}');

-- Append-only: the text is sealed by the hash; what stands beside it is not.
CREATE TABLE ledger (
    seq INTEGER PRIMARY KEY CHECK (seq > 0),
    person_id INTEGER NOT NULL,
    text TEXT NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    said TEXT,
    salt BLOB,
    run INTEGER NOT NULL,
    written_at TEXT NOT NULL
) STRICT;
CREATE INDEX ledger_person ON ledger (person_id);

-- A folder; the facts of every table are the document that its latest ledger entry holds, byte for byte.
CREATE TABLE person (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL CHECK (person_id = id),
    facts TEXT NOT NULL,
    personal TEXT,
    salt BLOB,
    CHECK ((personal IS NULL) = (salt IS NULL))
) STRICT;
-- The office's own folder: what belongs to nobody in particular.
INSERT INTO person (id, person_id, facts) VALUES (0, 0, '{"id":0,"reports":[]}');

-- Present and earlier numbers, each pointing to its person for ever.
CREATE TABLE cpr (
    cpr TEXT PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person (id)
) STRICT, WITHOUT ROWID;

-- A practice for one period.
CREATE TABLE practitioner (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person (id),
    facts TEXT NOT NULL,
    personal TEXT,
    salt BLOB,
    gp_number TEXT GENERATED ALWAYS AS (facts ->> '$.gp_number') STORED,
    valid_from TEXT GENERATED ALWAYS AS (facts ->> '$.valid_from') STORED,
    CHECK ((personal IS NULL) = (salt IS NULL))
) STRICT;
CREATE UNIQUE INDEX practitioner_period ON practitioner (gp_number, valid_from);

-- Dated closures of the office.
CREATE TABLE closure (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person (id),
    facts TEXT NOT NULL,
    personal TEXT,
    salt BLOB,
    CHECK ((personal IS NULL) = (salt IS NULL))
) STRICT;

-- A closed print order.
CREATE TABLE batch (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person (id),
    facts TEXT NOT NULL,
    personal TEXT,
    salt BLOB,
    CHECK ((personal IS NULL) = (salt IS NULL))
) STRICT;

-- A printed copy.
CREATE TABLE card (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person (id),
    facts TEXT NOT NULL,
    personal TEXT,
    salt BLOB,
    custody TEXT GENERATED ALWAYS AS (facts ->> '$.custody.state') STORED NOT NULL CHECK (custody IN ('planned', 'queued', 'in_print', 'posted', 'held', 'collected', 'removal_due', 'removed', 'cancelled', 'spoiled', 'lost', 'missing')),
    due_on TEXT GENERATED ALWAYS AS (facts ->> '$.custody.due_on') STORED,
    batch INTEGER GENERATED ALWAYS AS (facts ->> '$.batch') STORED,
    CHECK ((personal IS NULL) = (salt IS NULL))
) STRICT;
CREATE INDEX card_person ON card (person_id);
CREATE INDEX card_planned ON card (person_id, due_on) WHERE custody = 'planned';
CREATE INDEX card_queued ON card (person_id) WHERE custody = 'queued';
CREATE INDEX card_in_batch ON card (batch, id) WHERE batch IS NOT NULL;
CREATE INDEX card_in_print ON card (batch) WHERE custody = 'in_print';
CREATE INDEX card_on_shelf ON card (id) WHERE custody IN ('held', 'removal_due');

-- One time on the shelf.
CREATE TABLE hold (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person (id),
    facts TEXT NOT NULL,
    personal TEXT,
    salt BLOB,
    card_id INTEGER GENERATED ALWAYS AS (facts ->> '$.card') STORED NOT NULL,
    last_day TEXT GENERATED ALWAYS AS (facts ->> '$.last_day') STORED NOT NULL,
    outcome TEXT GENERATED ALWAYS AS (facts ->> '$.outcome.how') STORED CHECK (outcome IN ('collected', 'sent_again', 'removed', 'missing', 'undone')),
    CHECK ((personal IS NULL) = (salt IS NULL))
) STRICT;
CREATE INDEX hold_person ON hold (person_id);
CREATE INDEX hold_open ON hold (last_day, person_id) WHERE outcome IS NULL;

-- Something on the shelf without a card on file.
CREATE TABLE item (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person (id),
    facts TEXT NOT NULL,
    personal TEXT,
    salt BLOB,
    outcome TEXT GENERATED ALWAYS AS (facts ->> '$.outcome.how') STORED CHECK (outcome IN ('matched', 'forwarded', 'destroyed')),
    CHECK ((personal IS NULL) = (salt IS NULL))
) STRICT;
CREATE INDEX item_open ON item (id) WHERE outcome IS NULL;

-- A wish for a new card.
CREATE TABLE request (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person (id),
    facts TEXT NOT NULL,
    personal TEXT,
    salt BLOB,
    reference TEXT GENERATED ALWAYS AS (facts ->> '$.reference') STORED NOT NULL,
    kind TEXT GENERATED ALWAYS AS (facts ->> '$.kind') STORED NOT NULL CHECK (kind IN ('replacement', 'name_correction')),
    state TEXT GENERATED ALWAYS AS (facts ->> '$.state.state') STORED NOT NULL CHECK (state IN ('open', 'awaiting_payment', 'paid', 'queued', 'fulfilled', 'refused', 'withdrawn', 'lapsed')),
    lapse_on TEXT GENERATED ALWAYS AS (facts ->> '$.state.lapse_on') STORED,
    CHECK ((personal IS NULL) = (salt IS NULL))
) STRICT;
CREATE UNIQUE INDEX request_reference ON request (reference);
CREATE INDEX request_person ON request (person_id);
CREATE INDEX request_to_queue ON request (person_id) WHERE state IN ('open', 'paid');
CREATE INDEX request_correcting ON request (person_id) WHERE kind = 'name_correction' AND state IN ('open', 'queued');
CREATE INDEX request_unpaid ON request (lapse_on) WHERE state = 'awaiting_payment';

-- Money in.
CREATE TABLE payment (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person (id),
    facts TEXT NOT NULL,
    personal TEXT,
    salt BLOB,
    reference TEXT GENERATED ALWAYS AS (facts ->> '$.reference') STORED NOT NULL,
    CHECK ((personal IS NULL) = (salt IS NULL))
) STRICT;
CREATE UNIQUE INDEX payment_reference ON payment (reference);
CREATE INDEX payment_person ON payment (person_id);

-- Money back.
CREATE TABLE refund (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person (id),
    facts TEXT NOT NULL,
    personal TEXT,
    salt BLOB,
    state TEXT GENERATED ALWAYS AS (facts ->> '$.state.state') STORED NOT NULL CHECK (state IN ('due', 'ordered', 'confirmed', 'cancelled')),
    CHECK ((personal IS NULL) = (salt IS NULL))
) STRICT;
CREATE INDEX refund_person ON refund (person_id);
CREATE INDEX refund_due ON refund (person_id) WHERE state = 'due';

-- One thing to tell one person.
CREATE TABLE notice (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person (id),
    facts TEXT NOT NULL,
    personal TEXT,
    salt BLOB,
    kind TEXT GENERATED ALWAYS AS (facts ->> '$.kind') STORED NOT NULL,
    state TEXT GENERATED ALWAYS AS (facts ->> '$.state.state') STORED NOT NULL CHECK (state IN ('wanted', 'exported', 'to_call', 'dropped')),
    letter INTEGER GENERATED ALWAYS AS (facts ->> '$.state.letter') STORED,
    CHECK ((personal IS NULL) = (salt IS NULL))
) STRICT;
CREATE INDEX notice_person ON notice (person_id);
CREATE INDEX notice_wanted ON notice (person_id) WHERE state = 'wanted';
CREATE INDEX notice_to_call ON notice (id) WHERE state = 'to_call';
CREATE INDEX notice_letter ON notice (letter) WHERE letter IS NOT NULL;

-- A reported fact, so that it can be undone.
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person (id),
    facts TEXT NOT NULL,
    personal TEXT,
    salt BLOB,
    reference TEXT GENERATED ALWAYS AS (facts ->> '$.reference') STORED,
    CHECK ((personal IS NULL) = (salt IS NULL))
) STRICT;
CREATE UNIQUE INDEX event_reference ON event (reference) WHERE reference IS NOT NULL;
CREATE INDEX event_person ON event (person_id);

-- Something to look at: one open a kind and subject.
CREATE TABLE finding (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person (id),
    facts TEXT NOT NULL,
    personal TEXT,
    salt BLOB,
    kind TEXT GENERATED ALWAYS AS (facts ->> '$.kind') STORED NOT NULL,
    subject TEXT GENERATED ALWAYS AS (facts ->> '$.subject') STORED NOT NULL,
    closed_on TEXT GENERATED ALWAYS AS (facts ->> '$.closed.on') STORED,
    CHECK ((personal IS NULL) = (salt IS NULL))
) STRICT;
CREATE INDEX finding_person ON finding (person_id);
CREATE UNIQUE INDEX finding_open ON finding (kind, subject) WHERE closed_on IS NULL;

-- A file taken in, known by its content; the counts add up (1.8.9).
CREATE TABLE file (
    hash TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    header TEXT NOT NULL,
    mark TEXT,
    finished_on TEXT,
    rows_read INTEGER NOT NULL DEFAULT 0,
    applied INTEGER NOT NULL DEFAULT 0,
    duplicate INTEGER NOT NULL DEFAULT 0,
    overtaken INTEGER NOT NULL DEFAULT 0,
    waiting INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    first_run INTEGER NOT NULL,
    last_run INTEGER NOT NULL,
    CHECK (finished_on IS NULL OR rows_read = applied + duplicate + overtaken + waiting + rejected)
) STRICT;

-- Every time a file came, also one with nothing new in it: the rhythm of a feed.
CREATE TABLE delivery (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    came_on TEXT NOT NULL,
    PRIMARY KEY (kind, came_on, name, hash)
) STRICT;

-- A row not applied, with its reason.
CREATE TABLE reject (
    id INTEGER PRIMARY KEY,
    file TEXT NOT NULL REFERENCES file (hash),
    line INTEGER NOT NULL,
    in_column TEXT NOT NULL,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    raw BLOB,
    came_on TEXT NOT NULL,
    run INTEGER NOT NULL,
    closed_on TEXT,
    closed_by TEXT,
    closed_why TEXT,
    UNIQUE (file, line, in_column)
) STRICT;
CREATE INDEX reject_open ON reject (id) WHERE closed_on IS NULL;
CREATE INDEX reject_run ON reject (run);

-- A row whose own day is still to come (2.1).
CREATE TABLE waiting (
    file TEXT NOT NULL REFERENCES file (hash),
    line INTEGER NOT NULL,
    kind TEXT NOT NULL,
    due_on TEXT NOT NULL,
    input TEXT NOT NULL,
    raw BLOB NOT NULL,
    PRIMARY KEY (file, line)
) STRICT;
CREATE INDEX waiting_due ON waiting (kind, due_on);

-- A file for the neighbours, fixed here before it is written; print orders are read off their batch.
CREATE TABLE output (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL UNIQUE,
    made_on TEXT NOT NULL,
    batch INTEGER,
    content TEXT,
    lines INTEGER NOT NULL,
    totals TEXT NOT NULL,
    written INTEGER NOT NULL,
    CHECK ((batch IS NULL) <> (content IS NULL))
) STRICT;
CREATE INDEX output_kind ON output (kind, id);
CREATE INDEX output_unwritten ON output (id) WHERE NOT written;

-- One command that ran jobs, and what each did.
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    business_date TEXT NOT NULL,
    jobs TEXT NOT NULL,
    whole_night INTEGER NOT NULL,
    started_by TEXT NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    invocation TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    exit INTEGER,
    -- The night report and, where it is to be a file, the file's name and whether it is in the outbox.
    report TEXT,
    report_file TEXT,
    report_written INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX run_open ON run (id) WHERE ended_at IS NULL;

-- One hour at which a job was to run, by its civil date: closed when the run that claimed it is. Not part of "the same
-- book".
CREATE TABLE slot (
    job TEXT NOT NULL,
    due_on TEXT NOT NULL,
    run INTEGER REFERENCES run (id),
    tries INTEGER NOT NULL,
    tried_at TEXT NOT NULL,
    PRIMARY KEY (job, due_on)
) STRICT, WITHOUT ROWID;

-- The last bell that a scheduler heard. Not part of "the same book".
CREATE TABLE heartbeat (
    host TEXT PRIMARY KEY,
    pid INTEGER NOT NULL,
    began_at TEXT NOT NULL,
    rung_at TEXT NOT NULL
) STRICT;

-- Every look of an operator at a person.
CREATE TABLE access (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL,
    operator TEXT NOT NULL,
    looked_at TEXT NOT NULL,
    what TEXT NOT NULL,
    why TEXT NOT NULL
) STRICT;
CREATE INDEX access_person ON access (person_id);
