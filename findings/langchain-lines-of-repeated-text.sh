#!/usr/bin/env bash
# LangChain for JavaScript names wrong lines for the chunks of a text that repeats itself.
#
# What: a text splitter writes into each chunk's metadata from which lines of the text it comes (`loc.lines`). It does
#   not know that from splitting, but looks for the chunk's text again, from one character after the start of the
#   chunk before. Where lines repeat, as in a log, it finds them within that chunk: without any overlap, the second
#   chunk of lines 1 to 12 is said to begin at line 3 in place of 5, and the last to end at line 8. The same text with
#   numbered lines gets the right ones.
# Versions: @langchain/textsplitters 1.0.2 with @langchain/core 1.1.20; 1.0.1, which Flowise 3.1.4 brings, answers the
#   same. A pull request of 2023 about repeated text (langchainjs 1977) was closed without a merge.
# Why it matters: the lines are what an answer cites as its source. There is no error, and the chunks themselves are
#   right, so nobody looks until a reader follows a citation.
# Here: chunks come from Flowise's own nodes, and nothing of this project reads the lines.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private": true, "dependencies": {"@langchain/textsplitters": "1.0.2", "@langchain/core": "1.1.20"}}' > package.json
npm install --ignore-scripts --no-audit --no-fund --silent > npm.log 2>&1

cat > split.mjs <<'JAVASCRIPT'
import { RecursiveCharacterTextSplitter } from "@langchain/textsplitters";

async function lines(line) {
  const text = Array.from({ length: 12 }, (_, index) => line(index)).join("\n");
  const splitter = new RecursiveCharacterTextSplitter({ chunkSize: 60, chunkOverlap: 0 });
  const chunks = await splitter.createDocuments([text]);
  return chunks.map(({ metadata }) => `${metadata.loc.lines.from}-${metadata.loc.lines.to}`).join(" ");
}

const repeated = await lines((index) => (index % 2 ? "no answer yet" : "asking again"));
const numbered = await lines((index) => `attempt no ${index + 10}`);
console.log(`repeated: ${repeated}; numbered: ${numbered}`);
JAVASCRIPT
seen=$(node split.mjs)
version() { node -p "require('./node_modules/$1/package.json').version"; }
echo "version: @langchain/textsplitters $(version @langchain/textsplitters), @langchain/core $(version @langchain/core)"
echo "behaviour: chunks of repeated lines, without overlap, are said to lie within each other"
echo "seen: $seen"
expected='repeated: 1-4 3-6 5-8; numbered: 1-4 5-8 9-12'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }
