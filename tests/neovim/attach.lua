-- Neovim opens the file it was given, attaches to the server, and prints what it gets.
-- Written for 0.7, the oldest one that people have (Debian 12); newer ones run it too.
local function attached()
  vim.bo.filetype = 'http'
  local command = vim.split(os.getenv('CLAIMLENS_COMMAND'), '\n')
  local id = vim.lsp.start_client({ name = 'claimlens', cmd = command, root_dir = vim.fn.getcwd() })
  vim.lsp.buf_attach_client(0, id)
  assert(vim.wait(20000, function() return #vim.diagnostic.get(0) > 0 end, 20), 'no diagnostics came')
  for _, found in ipairs(vim.diagnostic.get(0)) do
    print(('DIAGNOSTIC %d:%d %s'):format(found.lnum, found.col, found.code or found.message))
  end
  local document = { uri = vim.uri_from_bufnr(0) }
  local params = { textDocument = document, position = { line = 1, character = 30 } }
  local answer = vim.lsp.buf_request_sync(0, 'textDocument/hover', params, 10000)
  print('HOVER ' .. answer[id].result.contents.value:gsub('\n', ' '))
  local range = { start = params.position, ['end'] = params.position }
  params = { textDocument = document, range = range, context = { diagnostics = {} } }
  answer = vim.lsp.buf_request_sync(0, 'textDocument/codeAction', params, 10000)
  for _, action in ipairs(answer[id].result) do
    if action.title == 'Redact this token' then
      if not action.edit then
        action = vim.lsp.buf_request_sync(0, 'codeAction/resolve', action, 10000)[id].result
      end
      vim.lsp.util.apply_workspace_edit(action.edit, vim.lsp.get_client_by_id(id).offset_encoding)
    end
  end
  print('LINE ' .. vim.api.nvim_buf_get_lines(0, 1, 2, false)[1])
  assert(vim.wait(20000, function() return #vim.diagnostic.get(0) == 0 end, 20), 'the diagnostics stay')
  print('CLEAR')
end

local ok, problem = pcall(attached)
if not ok then
  print('FAILED ' .. tostring(problem))
  vim.cmd('cquit 1')
end
vim.cmd('qa!')
