// Reads {"tables": {NAME: "(column: type, …)"}, "queries": [text, …]} on stdin and prints an array with one
// {"problems": [text, …], "columns": {name: type}} for each query: what Microsoft's parser finds in it.
"use strict";
const { readFileSync } = require("node:fs");
require("@kusto/language-service-next/bridge.min");
require("@kusto/language-service-next/Kusto.Language.Bridge.min");

const { GlobalState, KustoCode, Symbols } = Kusto.Language;
const asked = JSON.parse(readFileSync(0, "utf8"));

function entries(list) {
  return Array.from({ length: list.Count }, (_, index) => list.getItem(index));
}

const tables = Object.entries(asked.tables).map(([name, columns]) =>
  Symbols.TableSymbol.From(columns).WithName(name),
);
const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor("ResourceGraph", tables));

function verdict(query) {
  const code = KustoCode.ParseAndAnalyze(query, globals);
  const columns = code.ResultType?.Columns ? entries(code.ResultType.Columns) : [];
  return {
    problems: entries(code.GetDiagnostics()).map((one) => `${one.Code}: ${one.Message}`),
    columns: Object.fromEntries(columns.map((one) => [one.Name, one.Type.Name])),
  };
}

console.log(JSON.stringify(asked.queries.map(verdict)));
