-- Neovim opens a policy, attaches to the server, and prints what completion offers at the cursor.
local function completed()
  local command = vim.split(os.getenv('CLAIMLENS_COMMAND'), '\n')
  local id = vim.lsp.start_client({ name = 'claimlens', cmd = command, root_dir = vim.fn.getcwd() })
  vim.lsp.buf_attach_client(0, id)
  local function ready()
    local client = vim.lsp.get_client_by_id(id)
    return client and client.initialized
  end
  assert(vim.wait(20000, ready, 20), 'no client')
  local params = { textDocument = { uri = vim.uri_from_bufnr(0) }, position = { line = 2, character = 5 } }
  local answer = vim.lsp.buf_request_sync(0, 'textDocument/completion', params, 20000)
  for _, item in ipairs(answer[id].result.items) do
    if item.label == 'validate-jwt' then
      item = vim.lsp.buf_request_sync(0, 'completionItem/resolve', item, 10000)[id].result
      print('ITEM ' .. item.label .. ': ' .. item.documentation.value:gsub('\n', ' '))
      vim.lsp.util.apply_text_edits({ item.textEdit }, 0, vim.lsp.get_client_by_id(id).offset_encoding)
    end
  end
  print('LINE ' .. vim.api.nvim_buf_get_lines(0, 2, 3, false)[1])
end

local ok, problem = pcall(completed)
if not ok then
  print('FAILED ' .. tostring(problem))
  vim.cmd('cquit 1')
end
vim.cmd('qa!')
