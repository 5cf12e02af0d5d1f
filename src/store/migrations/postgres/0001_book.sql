-- The book on PostgreSQL. What is selected by is generated from the facts, so that it cannot differ from them.
-- Text sorts by bytes: other collations sort Aarhus after Zealand, and the books would differ.

CREATE TABLE head (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    seq BIGINT NOT NULL CHECK (seq >= 0),
    hash TEXT COLLATE "C" NOT NULL CHECK (length(hash) = 64),
    ids TEXT COLLATE "C" NOT NULL
);
INSERT INTO head VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000', '{}');

-- Append-only: the text is sealed by the hash; what stands beside it is not.
CREATE TABLE ledger (
    seq BIGINT PRIMARY KEY CHECK (seq > 0),
    person_id BIGINT NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    said TEXT COLLATE "C",
    salt BYTEA,
    run BIGINT NOT NULL,
    written_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX ledger_person ON ledger (person_id);

-- A folder; the facts of every table are the document that its latest ledger entry holds, byte for byte.
CREATE TABLE person (
    id BIGINT PRIMARY KEY,
    person_id BIGINT NOT NULL CHECK (person_id = id),
    facts TEXT COLLATE "C" NOT NULL,
    personal TEXT COLLATE "C",
    salt BYTEA,
    CHECK ((personal IS NULL) = (salt IS NULL))
);
-- The office's own folder: what belongs to nobody in particular.
INSERT INTO person (id, person_id, facts) VALUES (0, 0, '{"id":0,"reports":[]}');

-- Present and earlier numbers, each pointing to its person for ever.
CREATE TABLE cpr (
    cpr TEXT COLLATE "C" PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id)
);

-- A practice for one period.
CREATE TABLE practitioner (
    id BIGINT PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id),
    facts TEXT COLLATE "C" NOT NULL,
    personal TEXT COLLATE "C",
    salt BYTEA,
    gp_number TEXT COLLATE "C" GENERATED ALWAYS AS (facts::jsonb ->> 'gp_number') STORED,
    valid_from TEXT COLLATE "C" GENERATED ALWAYS AS (facts::jsonb ->> 'valid_from') STORED,
    CHECK ((personal IS NULL) = (salt IS NULL))
);
CREATE UNIQUE INDEX practitioner_period ON practitioner (gp_number, valid_from);

-- Dated closures of the office.
CREATE TABLE closure (
    id BIGINT PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id),
    facts TEXT COLLATE "C" NOT NULL,
    personal TEXT COLLATE "C",
    salt BYTEA,
    CHECK ((personal IS NULL) = (salt IS NULL))
);

-- A closed print order.
CREATE TABLE batch (
    id BIGINT PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id),
    facts TEXT COLLATE "C" NOT NULL,
    personal TEXT COLLATE "C",
    salt BYTEA,
    CHECK ((personal IS NULL) = (salt IS NULL))
);

-- A printed copy.
CREATE TABLE card (
    id BIGINT PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id),
    facts TEXT COLLATE "C" NOT NULL,
    personal TEXT COLLATE "C",
    salt BYTEA,
    custody TEXT COLLATE "C" GENERATED ALWAYS AS (facts::jsonb -> 'custody' ->> 'state') STORED NOT NULL CHECK (custody IN ('planned', 'queued', 'in_print', 'posted', 'held', 'collected', 'removal_due', 'removed', 'cancelled', 'spoiled', 'lost', 'missing')),
    due_on TEXT COLLATE "C" GENERATED ALWAYS AS (facts::jsonb -> 'custody' ->> 'due_on') STORED,
    batch BIGINT GENERATED ALWAYS AS ((facts::jsonb ->> 'batch')::bigint) STORED,
    CHECK ((personal IS NULL) = (salt IS NULL))
);
CREATE INDEX card_person ON card (person_id);
CREATE INDEX card_planned ON card (person_id, due_on) WHERE custody = 'planned';
CREATE INDEX card_queued ON card (person_id) WHERE custody = 'queued';
CREATE INDEX card_in_batch ON card (batch, id) WHERE batch IS NOT NULL;
CREATE INDEX card_in_print ON card (batch) WHERE custody = 'in_print';
CREATE INDEX card_on_shelf ON card (id) WHERE custody IN ('held', 'removal_due');

-- One time on the shelf.
CREATE TABLE hold (
    id BIGINT PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id),
    facts TEXT COLLATE "C" NOT NULL,
    personal TEXT COLLATE "C",
    salt BYTEA,
    card_id BIGINT GENERATED ALWAYS AS ((facts::jsonb ->> 'card')::bigint) STORED NOT NULL,
    last_day TEXT COLLATE "C" GENERATED ALWAYS AS (facts::jsonb ->> 'last_day') STORED NOT NULL,
    outcome TEXT COLLATE "C" GENERATED ALWAYS AS (facts::jsonb -> 'outcome' ->> 'how') STORED CHECK (outcome IN ('collected', 'sent_again', 'removed', 'missing', 'undone')),
    CHECK ((personal IS NULL) = (salt IS NULL))
);
CREATE INDEX hold_person ON hold (person_id);
CREATE INDEX hold_open ON hold (last_day, person_id) WHERE outcome IS NULL;

-- Something on the shelf without a card on file.
CREATE TABLE item (
    id BIGINT PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id),
    facts TEXT COLLATE "C" NOT NULL,
    personal TEXT COLLATE "C",
    salt BYTEA,
    outcome TEXT COLLATE "C" GENERATED ALWAYS AS (facts::jsonb -> 'outcome' ->> 'how') STORED CHECK (outcome IN ('matched', 'forwarded', 'destroyed')),
    CHECK ((personal IS NULL) = (salt IS NULL))
);
CREATE INDEX item_open ON item (id) WHERE outcome IS NULL;

-- A wish for a new card.
CREATE TABLE request (
    id BIGINT PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id),
    facts TEXT COLLATE "C" NOT NULL,
    personal TEXT COLLATE "C",
    salt BYTEA,
    reference TEXT COLLATE "C" GENERATED ALWAYS AS (facts::jsonb ->> 'reference') STORED NOT NULL,
    kind TEXT COLLATE "C" GENERATED ALWAYS AS (facts::jsonb ->> 'kind') STORED NOT NULL CHECK (kind IN ('replacement', 'name_correction')),
    state TEXT COLLATE "C" GENERATED ALWAYS AS (facts::jsonb -> 'state' ->> 'state') STORED NOT NULL CHECK (state IN ('open', 'awaiting_payment', 'paid', 'queued', 'fulfilled', 'refused', 'withdrawn', 'lapsed')),
    lapse_on TEXT COLLATE "C" GENERATED ALWAYS AS (facts::jsonb -> 'state' ->> 'lapse_on') STORED,
    CHECK ((personal IS NULL) = (salt IS NULL))
);
CREATE UNIQUE INDEX request_reference ON request (reference);
CREATE INDEX request_person ON request (person_id);
CREATE INDEX request_to_queue ON request (person_id) WHERE state IN ('open', 'paid');
CREATE INDEX request_correcting ON request (person_id) WHERE kind = 'name_correction' AND state IN ('open', 'queued');
CREATE INDEX request_unpaid ON request (lapse_on) WHERE state = 'awaiting_payment';

-- Money in.
CREATE TABLE payment (
    id BIGINT PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id),
    facts TEXT COLLATE "C" NOT NULL,
    personal TEXT COLLATE "C",
    salt BYTEA,
    reference TEXT COLLATE "C" GENERATED ALWAYS AS (facts::jsonb ->> 'reference') STORED NOT NULL,
    CHECK ((personal IS NULL) = (salt IS NULL))
);
CREATE UNIQUE INDEX payment_reference ON payment (reference);
CREATE INDEX payment_person ON payment (person_id);

-- Money back.
CREATE TABLE refund (
    id BIGINT PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id),
    facts TEXT COLLATE "C" NOT NULL,
    personal TEXT COLLATE "C",
    salt BYTEA,
    state TEXT COLLATE "C" GENERATED ALWAYS AS (facts::jsonb -> 'state' ->> 'state') STORED NOT NULL CHECK (state IN ('due', 'ordered', 'confirmed', 'cancelled')),
    CHECK ((personal IS NULL) = (salt IS NULL))
);
CREATE INDEX refund_person ON refund (person_id);
CREATE INDEX refund_due ON refund (person_id) WHERE state = 'due';

-- One thing to tell one person.
CREATE TABLE notice (
    id BIGINT PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id),
    facts TEXT COLLATE "C" NOT NULL,
    personal TEXT COLLATE "C",
    salt BYTEA,
    kind TEXT COLLATE "C" GENERATED ALWAYS AS (facts::jsonb ->> 'kind') STORED NOT NULL,
    state TEXT COLLATE "C" GENERATED ALWAYS AS (facts::jsonb -> 'state' ->> 'state') STORED NOT NULL CHECK (state IN ('wanted', 'exported', 'to_call', 'dropped')),
    letter BIGINT GENERATED ALWAYS AS ((facts::jsonb -> 'state' ->> 'letter')::bigint) STORED,
    CHECK ((personal IS NULL) = (salt IS NULL))
);
CREATE INDEX notice_person ON notice (person_id);
CREATE INDEX notice_wanted ON notice (person_id) WHERE state = 'wanted';
CREATE INDEX notice_to_call ON notice (id) WHERE state = 'to_call';
CREATE INDEX notice_letter ON notice (letter) WHERE letter IS NOT NULL;

-- A reported fact, so that it can be undone.
CREATE TABLE event (
    id BIGINT PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id),
    facts TEXT COLLATE "C" NOT NULL,
    personal TEXT COLLATE "C",
    salt BYTEA,
    reference TEXT COLLATE "C" GENERATED ALWAYS AS (facts::jsonb ->> 'reference') STORED,
    CHECK ((personal IS NULL) = (salt IS NULL))
);
CREATE UNIQUE INDEX event_reference ON event (reference) WHERE reference IS NOT NULL;
CREATE INDEX event_person ON event (person_id);

-- Something to look at: one open a kind and subject.
CREATE TABLE finding (
    id BIGINT PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id),
    facts TEXT COLLATE "C" NOT NULL,
    personal TEXT COLLATE "C",
    salt BYTEA,
    kind TEXT COLLATE "C" GENERATED ALWAYS AS (facts::jsonb ->> 'kind') STORED NOT NULL,
    subject TEXT COLLATE "C" GENERATED ALWAYS AS (facts::jsonb ->> 'subject') STORED NOT NULL,
    closed_on TEXT COLLATE "C" GENERATED ALWAYS AS (facts::jsonb -> 'closed' ->> 'on') STORED,
    CHECK ((personal IS NULL) = (salt IS NULL))
);
CREATE INDEX finding_person ON finding (person_id);
CREATE UNIQUE INDEX finding_open ON finding (kind, subject) WHERE closed_on IS NULL;

-- A file taken in, known by its content; the counts add up (1.8.9).
CREATE TABLE file (
    hash TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    header TEXT COLLATE "C" NOT NULL,
    mark TEXT COLLATE "C",
    finished_on DATE,
    rows_read BIGINT NOT NULL DEFAULT 0,
    applied BIGINT NOT NULL DEFAULT 0,
    duplicate BIGINT NOT NULL DEFAULT 0,
    overtaken BIGINT NOT NULL DEFAULT 0,
    waiting BIGINT NOT NULL DEFAULT 0,
    rejected BIGINT NOT NULL DEFAULT 0,
    first_run BIGINT NOT NULL,
    last_run BIGINT NOT NULL,
    CHECK (finished_on IS NULL OR rows_read = applied + duplicate + overtaken + waiting + rejected)
);

-- Every time a file came, also one with nothing new in it: the rhythm of a feed.
CREATE TABLE delivery (
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    came_on DATE NOT NULL,
    PRIMARY KEY (kind, came_on, name, hash)
);

-- A row not applied, with its reason.
CREATE TABLE reject (
    id BIGINT PRIMARY KEY,
    file TEXT COLLATE "C" NOT NULL REFERENCES file (hash),
    line BIGINT NOT NULL,
    in_column TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    raw BYTEA,
    came_on DATE NOT NULL,
    run BIGINT NOT NULL,
    closed_on DATE,
    closed_by TEXT COLLATE "C",
    closed_why TEXT COLLATE "C",
    UNIQUE (file, line, in_column)
);
CREATE INDEX reject_open ON reject (id) WHERE closed_on IS NULL;
CREATE INDEX reject_run ON reject (run);

-- A row whose own day is still to come (2.1).
CREATE TABLE waiting (
    file TEXT COLLATE "C" NOT NULL REFERENCES file (hash),
    line BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    due_on DATE NOT NULL,
    input TEXT COLLATE "C" NOT NULL,
    raw BYTEA NOT NULL,
    PRIMARY KEY (file, line)
);
CREATE INDEX waiting_due ON waiting (kind, due_on);

-- A file for the neighbours, fixed here before it is written; print orders are read off their batch.
CREATE TABLE output (
    id BIGINT PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    made_on DATE NOT NULL,
    batch BIGINT,
    content TEXT COLLATE "C",
    lines BIGINT NOT NULL,
    totals TEXT COLLATE "C" NOT NULL,
    written BOOLEAN NOT NULL,
    CHECK ((batch IS NULL) <> (content IS NULL))
);
CREATE INDEX output_kind ON output (kind, id);
CREATE INDEX output_unwritten ON output (id) WHERE NOT written;

-- One command that ran jobs, and what each did.
CREATE TABLE run (
    id BIGINT PRIMARY KEY,
    business_date DATE NOT NULL,
    jobs TEXT COLLATE "C" NOT NULL,
    whole_night BOOLEAN NOT NULL,
    started_by TEXT COLLATE "C" NOT NULL,
    host TEXT COLLATE "C" NOT NULL,
    pid BIGINT NOT NULL,
    invocation TEXT COLLATE "C" NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    exit BIGINT,
    -- The night report and, where it is to be a file, the file's name and whether it is in the outbox.
    report TEXT COLLATE "C",
    report_file TEXT COLLATE "C",
    report_written BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX run_open ON run (id) WHERE ended_at IS NULL;

-- One hour at which a job was to run, by its civil date: closed when the run that claimed it is. Not part of "the same
-- book".
CREATE TABLE slot (
    job TEXT COLLATE "C" NOT NULL,
    due_on DATE NOT NULL,
    run BIGINT REFERENCES run (id),
    tries BIGINT NOT NULL,
    tried_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (job, due_on)
);

-- The last bell that a scheduler heard. Not part of "the same book".
CREATE TABLE heartbeat (
    host TEXT COLLATE "C" PRIMARY KEY,
    pid BIGINT NOT NULL,
    began_at TIMESTAMPTZ NOT NULL,
    rung_at TIMESTAMPTZ NOT NULL
);

-- Every look of an operator at a person.
CREATE TABLE access (
    id BIGINT PRIMARY KEY,
    person_id BIGINT NOT NULL,
    operator TEXT COLLATE "C" NOT NULL,
    looked_at TIMESTAMPTZ NOT NULL,
    what TEXT COLLATE "C" NOT NULL,
    why TEXT COLLATE "C" NOT NULL
);
CREATE INDEX access_person ON access (person_id);
