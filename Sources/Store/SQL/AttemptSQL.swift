import Postgres

/// The statements on `caravan.attempt`.
package enum AttemptSQL {
  /// Notes kept of one branch; a branch that fails for days says nothing new.
  package static let notesPerBranchMax: Int32 = 100

  /// Notes of transactions that are still driven under the fence they were made under.
  static let insert = Statement(
    "attempt_insert",
    """
    INSERT INTO caravan.attempt (transaction_id, branch, action, attempt, at, note)
    SELECT w.transaction_id, w.branch, w.action, w.attempt, w.at, w.note
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::integer[], $5::smallint[],
      $6::bigint[], $7::timestamptz[], $8::text[])
      AS w(transaction_id, owner, fence, branch, action, attempt, at, note)
    JOIN caravan.transaction AS t
      ON t.id = w.transaction_id AND t.owner = w.owner AND t.fence = w.fence
    WHERE $9::integer > (
      SELECT count(*) FROM caravan.attempt AS a
      WHERE a.transaction_id = w.transaction_id AND a.branch = w.branch)
    """)
}
