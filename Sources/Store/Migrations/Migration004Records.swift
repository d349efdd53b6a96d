extension Migration {
  /// Branches and what they came to stand in the transaction's row, as arrays of records.
  ///
  /// Measured at 64 callers with two branches and two points: PostgreSQL's CPU for a transaction
  /// fell from 155 µs to 102 µs. Rows of branches cost an index entry each, and Commit a lock
  /// before it may read them; each column of a statement's rows an array of its own to be scanned;
  /// and a CHECK is read from its text again by each statement, so there are few, and no more than
  /// one for an idea.
  ///
  /// A Register writes the array again, which is why its bytes are bounded (`branch_bytes`). The
  /// levels beside it say at a glance whether Commit may take the order of the branches.
  ///
  /// `branches` stands last: what follows the last change of a row is not logged again. Rows of up
  /// to 4 KB are not compressed: for two TCC branches that took some 7 of PostgreSQL's 80 µs.
  ///
  /// Indexes: `created` serves lists and, parted by `removed`, which no point sets, the removal; so
  /// an end changes what `finished` says, and nothing else that is indexed.
  static let records = Migration(
    number: 4, name: "records",
    sql: """
      DROP VIEW caravan.attempts;
      DROP VIEW caravan.branches;
      DROP VIEW caravan.transactions;
      DROP INDEX caravan.transaction_created;
      DROP INDEX caravan.transaction_unfinished;
      DROP INDEX caravan.transaction_finished;
      DROP INDEX caravan.transaction_due;
      DROP INDEX caravan.transaction_attention;
      ALTER TABLE caravan.transaction RENAME TO transaction_before;
      ALTER INDEX caravan.transaction_pkey RENAME TO transaction_before_pkey;

      CREATE TYPE caravan.branch_columns AS (
        id text,
        level integer,
        mode smallint,
        role smallint,
        target text,
        definition bytea
      );
      CREATE DOMAIN caravan.branch_definition AS caravan.branch_columns
        CONSTRAINT branch_is_known CHECK (
          octet_length((VALUE).id) BETWEEN 1 AND 128 AND (VALUE).level BETWEEN 0 AND 99999
          AND (VALUE).mode BETWEEN 1 AND 2 AND (VALUE).role BETWEEN 0 AND 2
          AND ((VALUE).role <> 1 OR (VALUE).mode = 2));

      CREATE TYPE caravan.outcome_columns AS (
        phase_one smallint,
        phase_two smallint,
        attempts integer,
        lands_until timestamptz,
        next_at timestamptz,
        reply bytea,
        reply_omitted boolean,
        error text
      );
      CREATE DOMAIN caravan.branch_outcome AS caravan.outcome_columns
        CONSTRAINT outcome_is_known CHECK (
          (VALUE).phase_one BETWEEN 1 AND 4 AND (VALUE).phase_two BETWEEN 1 AND 4
          AND (VALUE).attempts IS NOT NULL);

      CREATE TABLE caravan.transaction (
        id text COLLATE "C" PRIMARY KEY
          CONSTRAINT id_length CHECK (octet_length(id) BETWEEN 1 AND 128),
        owner bigint,
        written_by bigint,
        fence bigint NOT NULL,
        deadline timestamptz NOT NULL,
        created timestamptz NOT NULL,
        updated timestamptz NOT NULL DEFAULT clock_timestamp(),
        ended timestamptz,
        due timestamptz,
        state smallint NOT NULL,
        intent smallint,
        finished boolean NOT NULL DEFAULT false,
        removed boolean NOT NULL DEFAULT false,
        paused boolean NOT NULL DEFAULT false,
        reason_cause smallint,
        reason_branch integer,
        reason text,
        attention_cause smallint,
        attention_branch integer,
        attention text,
        content_hash bytea NOT NULL,
        ordinary_level_max integer,
        must_succeed_level_min integer,
        branch_bytes integer NOT NULL DEFAULT 0,
        outcomes caravan.branch_outcome[],
        branches caravan.branch_definition[],
        CONSTRAINT codes_are_known CHECK (
          state BETWEEN 1 AND 7 AND intent BETWEEN 1 AND 2 IS NOT FALSE
          AND reason_cause BETWEEN 1 AND 4 IS NOT FALSE
          AND attention_cause BETWEEN 1 AND 2 IS NOT FALSE),
        CONSTRAINT finished_is_the_end CHECK (
          finished = (state >= 6) AND finished = (ended IS NOT NULL)
          AND (finished OR NOT removed)),
        CONSTRAINT driven_has_owner_and_fence CHECK (
          (owner IS NULL) = (state = 1) AND fence >= CASE WHEN owner IS NULL THEN 0 ELSE 1 END),
        CONSTRAINT decision_has_its_ground CHECK (
          (state <> 2 OR intent IS NOT NULL)
          AND (reason_cause IS NOT NULL) = (state IN (5, 7)))
      ) WITH (
        fillfactor = 40,
        toast_tuple_target = 4080,
        autovacuum_vacuum_scale_factor = 0.05,
        autovacuum_analyze_scale_factor = 0.05
      );
      COMMENT ON TABLE caravan.transaction IS
        'one row for each id; what a branch came to stands in outcomes where it stands in branches';
      COMMENT ON COLUMN caravan.transaction.owner IS 'the incarnation that drives it';
      COMMENT ON COLUMN caravan.transaction.written_by IS
        'the incarnation that wrote its last point; a takeover writes none';
      COMMENT ON COLUMN caravan.transaction.fence IS
        'grows with every change of owner; every update names it';
      COMMENT ON COLUMN caravan.transaction.due IS
        'set while it waits outside of memory for its next step';
      COMMENT ON COLUMN caravan.transaction.removed IS
        'past retention: only the id, the content hash and the end are left';
      COMMENT ON COLUMN caravan.transaction.branches IS
        'in the order of registration; what is there is never changed';
      COMMENT ON COLUMN caravan.transaction.ordinary_level_max IS
        'the highest level of the branches that can be undone';
      COMMENT ON COLUMN caravan.transaction.must_succeed_level_min IS
        'the lowest level of the branches that must succeed; Commit wants it above the former';
      COMMENT ON COLUMN caravan.transaction.branch_bytes IS
        'what the definitions of its branches amount to';

      INSERT INTO caravan.transaction
        (id, owner, written_by, fence, deadline, created, updated, ended, due, state, intent,
          finished, removed, paused, reason_cause, reason_branch, reason, attention_cause,
          attention_branch, attention, content_hash, ordinary_level_max, must_succeed_level_min,
          branch_bytes, outcomes, branches)
      SELECT id, owner, written_by, fence, deadline, created, updated, ended, due, state, intent,
        finished, removed, paused, reason_cause, reason_branch, reason, attention_cause,
        attention_branch, attention, content_hash,
        (SELECT max(level) FROM caravan.branch AS b WHERE b.transaction_id = t.id AND role <> 1),
        (SELECT min(level) FROM caravan.branch AS b WHERE b.transaction_id = t.id AND role = 1),
        (SELECT coalesce(sum(octet_length(definition)), 0) FROM caravan.branch AS b
          WHERE b.transaction_id = t.id),
        CASE WHEN phase_one IS NOT NULL THEN ARRAY(
          SELECT ROW(o.*)::caravan.outcome_columns::caravan.branch_outcome
          FROM unnest(t.phase_one, t.phase_two, t.attempts, t.lands_until, t.next_at, t.reply,
            t.reply_omitted, t.error) AS o
        ) END,
        (SELECT array_agg(
            ROW(b.id, b.level, b.mode, b.role, b.target, b.definition)
              ::caravan.branch_columns::caravan.branch_definition ORDER BY b.ordinal)
          FROM caravan.branch AS b WHERE b.transaction_id = t.id)
      FROM caravan.transaction_before AS t;
      DROP TABLE caravan.transaction_before;
      DROP TABLE caravan.branch;

      CREATE INDEX transaction_created ON caravan.transaction (created, id) WHERE NOT removed;
      CREATE INDEX transaction_removed ON caravan.transaction (created, id) WHERE removed;
      CREATE INDEX transaction_unfinished ON caravan.transaction (deadline, id)
        WHERE NOT finished;
      CREATE INDEX transaction_due ON caravan.transaction (due)
        WHERE due IS NOT NULL AND NOT finished;
      CREATE INDEX transaction_attention ON caravan.transaction (created, id)
        WHERE attention_cause IS NOT NULL;

      -- What statements take, a record for each row.
      CREATE TYPE caravan.new_transaction AS (
        id text,
        content_hash bytea,
        deadline timestamptz,
        created timestamptz,
        owner bigint,
        fence bigint,
        state smallint,
        intent smallint,
        ended timestamptz,
        due timestamptz,
        paused boolean,
        reason_cause smallint,
        reason_branch integer,
        reason text,
        attention_cause smallint,
        attention_branch integer,
        attention text,
        ordinary_level_max integer,
        must_succeed_level_min integer,
        branch_bytes integer,
        branches caravan.branch_definition[],
        outcomes caravan.branch_outcome[]
      );
      CREATE TYPE caravan.new_branches AS (
        id text,
        count_max integer,
        bytes_max integer,
        ordinary_level_max integer,
        must_succeed_level_min integer,
        branch_bytes integer,
        branches caravan.branch_definition[]
      );
      CREATE TYPE caravan.new_owner AS (
        id text,
        owner bigint,
        state smallint,
        intent smallint,
        reason_cause smallint,
        reason_branch integer,
        reason text
      );
      CREATE TYPE caravan.new_point AS (
        id text,
        owner bigint,
        fence bigint,
        from_state smallint,
        from_intent smallint,
        needs_deadline boolean,
        state smallint,
        intent smallint,
        ended timestamptz,
        due timestamptz,
        paused boolean,
        reason_cause smallint,
        reason_branch integer,
        reason text,
        attention_cause smallint,
        attention_branch integer,
        attention text,
        outcomes caravan.branch_outcome[]
      );

      CREATE VIEW caravan.transactions AS
      SELECT
        id,
        (ARRAY['ACTIVE', 'EXECUTING', 'PREPARED', 'COMMITTING', 'ROLLING_BACK', 'COMMITTED',
          'ROLLED_BACK'])[state] AS state,
        (ARRAY['START', 'COMMIT'])[intent] AS intent,
        (ARRAY['REQUESTED', 'REFUSED', 'EXHAUSTED', 'DEADLINE'])[reason_cause] AS rollback_cause,
        reason AS rollback_reason,
        (ARRAY['REFUSED', 'ATTEMPTS'])[attention_cause] AS needs_attention,
        attention AS attention_reason,
        paused,
        owner,
        fence,
        deadline,
        created,
        updated,
        ended,
        due,
        removed
      FROM caravan.transaction;

      CREATE VIEW caravan.branches AS
      SELECT
        t.id AS transaction_id,
        (d.ordinality - 1)::integer AS ordinal,
        d.id,
        d.level,
        (ARRAY['TCC', 'SAGA'])[d.mode] AS mode,
        (ARRAY['ORDINARY', 'MUST_SUCCEED', 'CALLED_BY_CALLER'])[d.role + 1] AS role,
        d.target,
        (ARRAY['UNTOUCHED', 'DONE', 'REFUSED', 'UNKNOWN'])[
          (t.outcomes[d.ordinality]).phase_one] AS phase_one,
        (ARRAY['NONE', 'PENDING', 'DONE', 'STATED'])[
          (t.outcomes[d.ordinality]).phase_two] AS phase_two,
        (t.outcomes[d.ordinality]).attempts AS attempts,
        (t.outcomes[d.ordinality]).lands_until AS lands_until,
        (t.outcomes[d.ordinality]).next_at AS next_at,
        nullif((t.outcomes[d.ordinality]).error, '') AS error,
        octet_length((t.outcomes[d.ordinality]).reply) AS reply_bytes,
        coalesce((t.outcomes[d.ordinality]).reply_omitted, false) AS reply_omitted,
        (ARRAY['ACTIVE', 'EXECUTING', 'PREPARED', 'COMMITTING', 'ROLLING_BACK', 'COMMITTED',
          'ROLLED_BACK'])[t.state] AS transaction_state
      FROM caravan.transaction AS t,
        unnest(t.branches::caravan.branch_columns[]) WITH ORDINALITY AS d;

      CREATE VIEW caravan.attempts AS
      SELECT
        a.transaction_id,
        (t.branches[a.branch + 1]).id AS branch,
        (ARRAY['TRY', 'CONFIRM', 'CANCEL', 'ACTION', 'COMPENSATION'])[a.action] AS action,
        a.attempt,
        a.at,
        a.note
      FROM caravan.attempt AS a
      LEFT JOIN caravan.transaction AS t ON t.id = a.transaction_id;
      """)
}
