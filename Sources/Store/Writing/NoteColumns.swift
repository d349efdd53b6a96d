import Mode
import Postgres

/// Notes of many transactions as the columns of one statement.
struct NoteColumns {
  private var transactions = ArrayParameter<String>()
  private var owners = ArrayParameter<Int64>()
  private var fences = ArrayParameter<Int64>()
  private var branches = ArrayParameter<Int32>()
  private var actions = ArrayParameter<Int16>()
  private var attempts = ArrayParameter<Int64>()
  private var moments = ArrayParameter<Timestamp>()
  private var texts = ArrayParameter<String>()

  var isEmpty: Bool { transactions.count == 0 }

  mutating func append(_ update: Update) {
    for note in update.notes {
      transactions.append(update.id)
      owners.append(update.owner)
      fences.append(update.fence)
      branches.append(Int32(clamping: note.branch))
      actions.append(Int16(note.action.rawValue))
      attempts.append(Int64(note.attempt))
      moments.append(Timestamp(note.at))
      texts.append(StoredText.clean(note.text))
    }
  }

  var parameters: [Parameter] {
    [
      transactions.parameter, owners.parameter, fences.parameter, branches.parameter,
      actions.parameter, attempts.parameter, moments.parameter, texts.parameter,
      Parameter(AttemptSQL.notesPerBranchMax),
    ]
  }
}
