extension Migration {
  /// What an operator reads with psql: names for the numbers, and a branch with its outcome.
  static let views = Migration(
    number: 2, name: "views",
    sql: """
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
        b.transaction_id,
        b.ordinal,
        b.id,
        b.level,
        (ARRAY['TCC', 'SAGA'])[b.mode] AS mode,
        (ARRAY['ORDINARY', 'MUST_SUCCEED', 'CALLED_BY_CALLER'])[b.role + 1] AS role,
        b.target,
        (ARRAY['UNTOUCHED', 'DONE', 'REFUSED', 'UNKNOWN'])[t.phase_one[b.ordinal + 1]]
          AS phase_one,
        (ARRAY['NONE', 'PENDING', 'DONE', 'STATED'])[t.phase_two[b.ordinal + 1]] AS phase_two,
        t.attempts[b.ordinal + 1] AS attempts,
        t.lands_until[b.ordinal + 1] AS lands_until,
        t.next_at[b.ordinal + 1] AS next_at,
        nullif(t.error[b.ordinal + 1], '') AS error,
        octet_length(t.reply[b.ordinal + 1]) AS reply_bytes,
        coalesce(t.reply_omitted[b.ordinal + 1], false) AS reply_omitted,
        (ARRAY['ACTIVE', 'EXECUTING', 'PREPARED', 'COMMITTING', 'ROLLING_BACK', 'COMMITTED',
          'ROLLED_BACK'])[t.state] AS transaction_state
      FROM caravan.branch AS b
      JOIN caravan.transaction AS t ON t.id = b.transaction_id;

      CREATE VIEW caravan.attempts AS
      SELECT
        a.transaction_id,
        b.id AS branch,
        (ARRAY['TRY', 'CONFIRM', 'CANCEL', 'ACTION', 'COMPENSATION'])[a.action] AS action,
        a.attempt,
        a.at,
        a.note
      FROM caravan.attempt AS a
      LEFT JOIN caravan.branch AS b
        ON b.transaction_id = a.transaction_id AND b.ordinal = a.branch;
      """)
}
