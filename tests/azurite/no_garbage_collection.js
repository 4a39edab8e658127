// Loaded before Azurite. Every ten minutes it removes the blocks that no blob holds any more, and answers nobody
// meanwhile: for 10,000 blocks that took more than two minutes. A test would take that for a store that failed.
const constants = require("azurite/dist/src/blob/utils/constants");
if (constants.DEFAULT_GC_INTERVAL_MS === undefined) throw new Error("this Azurite names its interval differently");
constants.DEFAULT_GC_INTERVAL_MS = 2 ** 31 - 1; // milliseconds; no timer of Node waits longer
