extension Migration {
  /// Who is told the end of a transaction, and how far that has come.
  ///
  /// All of it is NULL for a transaction that tells nobody, and then no write touches the index.
  static let completion = Migration(
    number: 5, name: "completion",
    sql: """
      ALTER TABLE caravan.transaction
        ADD COLUMN completion bytea,
        ADD COLUMN completion_due timestamptz,
        ADD COLUMN completion_attempts integer,
        ADD COLUMN completion_taken timestamptz,
        ADD COLUMN completion_error text;
      COMMENT ON COLUMN caravan.transaction.completion IS
        'who is told the end, as it was asked for';
      COMMENT ON COLUMN caravan.transaction.completion_due IS
        'when the end is told next; NULL before the end, and once it was taken';
      CREATE INDEX transaction_completion ON caravan.transaction (completion_due, id)
        WHERE completion_due IS NOT NULL;

      ALTER TYPE caravan.new_transaction ADD ATTRIBUTE completion bytea;

      CREATE OR REPLACE VIEW caravan.transactions AS
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
        removed,
        completion_due,
        coalesce(completion_attempts, 0) AS completion_attempts,
        completion_taken,
        completion_error
      FROM caravan.transaction;
      """)
}
