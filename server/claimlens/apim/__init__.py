"""The policy language of Azure API Management: reading it, and knowing it.

Start here:

- `claimlens.apim.parser.parse` reads a document, a fragment or a snippet as the service does, with C# expressions as
  they are written, and gives a `claimlens.apim.document.PolicyDocument`: a lossless tree (`claimlens.apim.model`) and
  the problems of its syntax. It never raises.

Below it stand `claimlens.apim.scanner` (one tag or run of text at a time) and `claimlens.apim.expression_end` (where an
expression ends). Nothing here judges a policy: problems of syntax are data, and what is wrong beyond syntax is for
`claimlens.rules` to say.
"""
