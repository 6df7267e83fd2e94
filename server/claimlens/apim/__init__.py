"""The policy language of Azure API Management: reading it, and knowing it.

Start here:

- `claimlens.apim.sources.find_policies` finds the policies of a file by what it holds: the file itself, or strings in
  Bicep, ARM templates and Terraform, with the way back from each policy to its file.
- `claimlens.apim.parser.parse` reads a document, a fragment or a snippet as the service does, with C# expressions as
  they are written. It never raises.
- `claimlens.apim.document.PolicyDocument` is what it gives: a lossless tree of `claimlens.apim.model` nodes, the
  problems of its syntax, and answers to what everyone asks: what stands at an offset, in which section, on which path.
- `claimlens.apim.values` says what an attribute or a text means: entities decoded, with the way back; named values,
  templates and expressions in it.
- `claimlens.apim.knowledge` says what each policy may hold and where it may stand, and
  `claimlens.apim.expression_facts` what expressions may use; the data are the JSON files in ``data/``.

Below the parser stand `claimlens.apim.tags` (one opening tag), `claimlens.apim.scanner` (runs of text, problems) and
`claimlens.apim.expression_end` (where an expression ends); `claimlens.apim.csharp` cuts the code of one into tokens.
Nothing here judges a policy: problems of syntax are data, what is wrong beyond syntax is for `claimlens.rules` to say.
"""
