# An array of records, or an object with one in .records -> the same in order. $key tells records apart, $source is where
# they come from, $more are members that each gets unless it has them. A record without $key is like no other.

# Names in small letters with _ for blanks, texts without blanks at their ends, nothing instead of empty texts.
def normalised:
  with_entries(
    .key |= (ascii_downcase | gsub("[^a-z0-9]+"; "_") | sub("^_"; "") | sub("_$"; ""))
    | .value |= (if type == "string" then sub("^\\s+"; "") | sub("\\s+$"; "") else . end)
    | select(.value != "" and .value != null));

(if type == "object" then .records else . end)
| map(normalised)
| to_entries
| reduce .[] as {key: $place, value: $record} ({order: [], by: {}};
    (if $record | has($key) then $record[$key] | tojson else "record \($place)" end) as $id
    | (if .by | has($id) then . else .order += [$id] end)
    | .by[$id] = $record)
| .by as $by
| .order
| map($more + {source: $source} + $by[.])
