-- Showing fields.

local function label(each)
    local text = each.name
    if each.text then text = text .. " " .. each.text end
    if each.value then
        local is_text = each.how == "text" and each.shown ~= "not UTF-8"
        text = text .. ": " .. shorten(each.value, is_text and TEXT_IN_LABEL or HEX_IN_LABEL)
    end
    if each.shown ~= "" then
        text = each.value and text .. " (" .. each.shown .. ")" or text .. ": " .. each.shown
    end
    return text
end

local function add_one(tree, range, each, secret)
    local start, size = each.start, each.stop - each.start
    local how, pf = each.how, by_name[each.pf]
    if secret and start + size > 5 then
        return tree:add(by_name["tla.blanked"], range(start, size))
    elseif how == "text" then
        return tree:add(pf, range(start, size), each.value)
    elseif how == "little" then
        return tree:add_le(pf, range(start, size))
    elseif how == "counted" then
        return tree:add(pf, range(start, each.lead))
    end
    return tree:add(pf, range(start, size))
end

local function show(tree, range, fields, secret)
    local visible = tree.visible
    for _, each in ipairs(fields) do
        local item = add_one(tree, range, each, secret)
        if visible then item:set_text(label(each)) end
        if each.inside then show(item, range, each.inside, secret) end
    end
end
