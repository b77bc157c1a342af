-- The first few fields in one line.

local NOT_BRIEF = { CLA = true, INS = true, Lc = true, Le = true, SW = true, ["?"] = true }

local function shorten(text, most)
    if #text <= most then return text end
    local cut = text:sub(1, most)
    while #cut > 0 and not is_utf8(cut) do cut = cut:sub(1, -2) end
    return cut .. "…"
end

local function brief(fields)
    local parts = {}
    for _, each in ipairs(fields) do
        local name, value, shown = each.name, each.value, each.shown
        local told = nil
        if each.counted then
            -- Before the others: how much a message carries is what tells it from its like.
            table.insert(parts, 1, each.counted)
        elseif name == "P1" or name == "P2" or name == "P1-P2" then
            told = shown ~= "" and shown or nil
        elseif not NOT_BRIEF[name] and not each.inside and value and value ~= ""
            and (#value <= LONG or name == "data") then
            told = name .. " " .. shorten(shown ~= "" and shown or value, BRIEF_CHARACTERS)
        end
        parts[#parts + 1] = told
    end
    return table.concat(parts, " · ", 1, math.min(#parts, BRIEF_PARTS))
end
