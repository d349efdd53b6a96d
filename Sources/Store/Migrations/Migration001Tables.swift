extension Migration {
  /// The first form of the tables; docs/design.md describes those of today.
  ///
  /// Indexes: an update whose indexed columns keep their values stays in its page (HOT). So nothing
  /// that points change is indexed, but `finished` and `ended`, which only the end sets, `removed`
  /// after that, and `due` and `attention_cause`, which are rarely set at all.
  ///
  /// A branch has no foreign key: it would cost a lookup and a row lock for each branch, and every
  /// statement that inserts one holds the transaction's row anyway.
  static let tables = Migration(
    number: 1, name: "tables",
    sql: """
      CREATE SEQUENCE caravan.incarnation;

      CREATE TABLE caravan.coordinator (
        incarnation bigint PRIMARY KEY,
        node text NOT NULL,
        address text NOT NULL,
        lease timestamptz NOT NULL,
        dead boolean NOT NULL DEFAULT false,
        joined timestamptz NOT NULL DEFAULT clock_timestamp()
      );
      COMMENT ON TABLE caravan.coordinator IS
        'one row for each time that a node joined; one that is absent is dead';
      COMMENT ON COLUMN caravan.coordinator.lease IS
        'the end of the lease; past it anybody may declare the incarnation dead';

      CREATE TABLE caravan.transaction (
        id text COLLATE "C" PRIMARY KEY
          CONSTRAINT id_length CHECK (octet_length(id) BETWEEN 1 AND 128),
        state smallint NOT NULL CONSTRAINT state_known CHECK (state BETWEEN 1 AND 7),
        intent smallint CONSTRAINT intent_known CHECK (intent BETWEEN 1 AND 2),
        finished boolean NOT NULL DEFAULT false,
        removed boolean NOT NULL DEFAULT false,
        paused boolean NOT NULL DEFAULT false,
        owner bigint,
        written_by bigint,
        fence bigint NOT NULL CONSTRAINT fence_grows CHECK (fence >= 0),
        content_hash bytea NOT NULL,
        deadline timestamptz NOT NULL,
        created timestamptz NOT NULL,
        updated timestamptz NOT NULL DEFAULT clock_timestamp(),
        ended timestamptz,
        due timestamptz,
        reason_cause smallint CONSTRAINT reason_known CHECK (reason_cause BETWEEN 1 AND 4),
        reason_branch integer,
        reason text,
        attention_cause smallint
          CONSTRAINT attention_known CHECK (attention_cause BETWEEN 1 AND 2),
        attention_branch integer,
        attention text,
        phase_one smallint[],
        phase_two smallint[],
        attempts integer[],
        lands_until timestamptz[],
        next_at timestamptz[],
        reply bytea[],
        reply_omitted boolean[],
        error text[],
        CONSTRAINT finished_is_the_end CHECK (finished = (state >= 6)),
        CONSTRAINT ended_is_the_end CHECK ((ended IS NOT NULL) = finished),
        CONSTRAINT removed_after_the_end CHECK (finished OR NOT removed),
        CONSTRAINT active_is_ownerless CHECK ((owner IS NULL) = (state = 1)),
        CONSTRAINT driven_has_a_fence CHECK (owner IS NULL OR fence > 0),
        CONSTRAINT executing_has_an_intent CHECK (state <> 2 OR intent IS NOT NULL),
        CONSTRAINT rollback_has_a_reason CHECK ((reason_cause IS NOT NULL) = (state IN (5, 7))),
        CONSTRAINT outcomes_are_known CHECK (
          phase_one IS NULL OR (1 <= ALL (phase_one) AND 4 >= ALL (phase_one)
            AND 1 <= ALL (phase_two) AND 4 >= ALL (phase_two))),
        CONSTRAINT outcomes_are_complete CHECK (
          (phase_one IS NULL AND phase_two IS NULL AND attempts IS NULL)
            OR (cardinality(phase_two) = cardinality(phase_one)
              AND cardinality(attempts) = cardinality(phase_one)))
      ) WITH (
        fillfactor = 60,
        autovacuum_vacuum_scale_factor = 0.05,
        autovacuum_analyze_scale_factor = 0.05
      );
      COMMENT ON TABLE caravan.transaction IS
        'one row for each id; what a branch came to stands in the arrays, at its ordinal + 1';
      COMMENT ON COLUMN caravan.transaction.owner IS 'the incarnation that drives it';
      COMMENT ON COLUMN caravan.transaction.written_by IS
        'the incarnation that wrote its last point; a takeover writes none';
      COMMENT ON COLUMN caravan.transaction.fence IS
        'grows with every change of owner; every update names it';
      COMMENT ON COLUMN caravan.transaction.due IS
        'set while it waits outside of memory for its next step';
      COMMENT ON COLUMN caravan.transaction.removed IS
        'past retention: only the id, the content hash and the end are left';

      CREATE INDEX transaction_created ON caravan.transaction (created, id);
      CREATE INDEX transaction_unfinished ON caravan.transaction (deadline, id)
        WHERE NOT finished;
      CREATE INDEX transaction_finished ON caravan.transaction (removed, ended)
        WHERE finished;
      CREATE INDEX transaction_due ON caravan.transaction (due)
        WHERE due IS NOT NULL AND NOT finished;
      CREATE INDEX transaction_attention ON caravan.transaction (created, id)
        WHERE attention_cause IS NOT NULL;

      CREATE TABLE caravan.branch (
        transaction_id text COLLATE "C" NOT NULL,
        ordinal integer NOT NULL CONSTRAINT ordinal_counts CHECK (ordinal >= 0),
        id text COLLATE "C" NOT NULL
          CONSTRAINT id_length CHECK (octet_length(id) BETWEEN 1 AND 128),
        level integer NOT NULL CONSTRAINT level_range CHECK (level BETWEEN 0 AND 99999),
        mode smallint NOT NULL CONSTRAINT mode_known CHECK (mode BETWEEN 1 AND 2),
        role smallint NOT NULL CONSTRAINT role_known CHECK (role BETWEEN 0 AND 2),
        target text NOT NULL,
        definition bytea NOT NULL,
        PRIMARY KEY (transaction_id, id),
        CONSTRAINT must_succeed_is_saga CHECK (role <> 1 OR mode = 2)
      );
      COMMENT ON TABLE caravan.branch IS
        'written once, when the branch is registered, and never updated';

      CREATE TABLE caravan.attempt (
        transaction_id text COLLATE "C" NOT NULL,
        branch integer NOT NULL,
        number bigint GENERATED ALWAYS AS IDENTITY,
        action smallint NOT NULL CONSTRAINT action_known CHECK (action BETWEEN 1 AND 5),
        attempt bigint NOT NULL,
        at timestamptz NOT NULL,
        note text NOT NULL,
        PRIMARY KEY (transaction_id, branch, number)
      );
      COMMENT ON TABLE caravan.attempt IS
        'failed attempts and the actions of operators; best effort, a bounded number a branch';
      """)
}
