// What Microsoft's own parser says of KQL queries: reads {"tables", "queries"}, writes a list of complaints for each query.
const fs = require('node:fs');

require('@kusto/language-service-next/bridge.min.js');
require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');

const { GlobalState, KustoCode, Symbols } = globalThis.Kusto.Language;

const { tables, queries } = JSON.parse(fs.readFileSync(0, 'utf8'));
const members = new (globalThis.System.Collections.Generic.List$1(Symbols.Symbol).ctor)();
for (const [name, schema] of Object.entries(tables)) {
  members.add(Symbols.TableSymbol.From(schema).WithName(name));
}
const database = new Symbols.DatabaseSymbol.$ctor3('logs', null, members, false);
const globals = GlobalState.Default.WithDatabase(database);
process.stdout.write(JSON.stringify(queries.map(complaints)));

function complaints(query) {
  const found = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
  return Array.from({ length: found.Count }, (_, index) => {
    const { Code, Message, Start } = found.getItem(index);
    return `${Code} ${Message} …${query.slice(Start, Start + 40)}`;
  });
}
