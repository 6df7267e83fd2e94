"""The use cases that need files, the clock or the network; both faces call them, and none decides anything itself.

- `claimlens.services.files` and `claimlens.services.encodings` find and read files, `claimlens.services.checking` runs
  the rules over one, with the settings that `claimlens.services.settings_files` finds for it.
- `claimlens.services.workspace_index` knows what the files of a workspace state; `claimlens.services.cases` gathers
  what a diagnosis is about.
- `claimlens.services.verification`, `claimlens.services.metadata` and `claimlens.services.simulation_online` fetch, and
  only when the user asked for it; `claimlens.services.simulation` does without.
"""
