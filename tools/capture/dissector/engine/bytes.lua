-- Bytes and texts.

local function has_bit(number, bit) return floor(number / bit) % 2 == 1 end

local function number_at(raw, start, stop)
    local number = 0
    for at = start + 1, stop do number = number * 256 + raw:byte(at) end
    return number
end

local HEX = {}
for byte = 0, 255 do HEX[string.char(byte)] = format("%02x", byte) end

local function hex(raw, start, stop) return (raw:sub(start + 1, stop):gsub(".", HEX)) end

-- As many bytes in hex as a label shows, and one more, by which it is seen that there are more.
local function hex_for_label(raw, start, stop)
    return hex(raw, start, math.min(stop, start + HEX_IN_LABEL / 2 + 1))
end

local XOR = {}
for left = 0, 15 do
    for right = 0, 15 do
        local sum = 0
        for _, bit in ipairs({ 1, 2, 4, 8 }) do
            if has_bit(left, bit) ~= has_bit(right, bit) then sum = sum + bit end
        end
        XOR[left * 16 + right] = sum
    end
end

local function xor(left, right)
    return XOR[floor(left / 16) * 16 + floor(right / 16)] * 16 + XOR[(left % 16) * 16 + right % 16]
end

local function lrc(raw, stop)
    local sum = 0
    for at = 1, stop do sum = xor(sum, raw:byte(at)) end
    return string.char(sum)
end

local function crc(raw, stop)
    local high, low = 0xFF, 0xFF
    for at = 1, stop do
        local place = xor(low, raw:byte(at)) + 1
        low = xor(high, D.crc_low[place])
        high = D.crc_high[place]
    end
    return string.char(high, low)
end

-- Whether bytes are UTF-8, by the table of Unicode 3.9 (D92).
local function is_utf8(raw)
    if not raw:find("[\128-\255]") then return true end
    local at, size = 1, #raw
    while at <= size do
        local first = raw:byte(at)
        local more, low, high = 0, 0x80, 0xBF
        if first >= 0x80 then
            if first < 0xC2 or first > 0xF4 then return false end
            more = first < 0xE0 and 1 or first < 0xF0 and 2 or 3
            if first == 0xE0 then low = 0xA0 elseif first == 0xED then high = 0x9F
            elseif first == 0xF0 then low = 0x90 elseif first == 0xF4 then high = 0x8F end
        end
        if at + more > size then return false end
        for place = at + 1, at + more do
            local byte = raw:byte(place)
            if byte < low or byte > high then return false end
            low, high = 0x80, 0xBF
        end
        at = at + more + 1
    end
    return true
end

local function moment_text(raw, start, stop)
    local moment = number_at(raw, start, stop)
    if moment == 0 then return "" end
    if moment > D.latest_moment + 999 then
        local low, high = number_at(raw, stop - 4, stop), number_at(raw, start, stop - 4)
        return tostring(UInt64.new(low, high)) .. " ms"
    end
    local seconds = floor(moment / 1000)
    local days = floor(seconds / 86400)
    seconds = seconds - days * 86400
    -- Days since 0000-03-01, so that a leap day ends a year; eras of 400 years.
    local shifted = days + 719468
    local era = floor(shifted / 146097)
    local of_era = shifted - era * 146097
    local year = floor((of_era - floor(of_era / 1460) + floor(of_era / 36524) - floor(of_era / 146096)) / 365)
    local of_year = of_era - (365 * year + floor(year / 4) - floor(year / 100))
    local month = floor((5 * of_year + 2) / 153)
    local day = of_year - floor((153 * month + 2) / 5) + 1
    month = month < 10 and month + 3 or month - 9
    year = year + era * 400 + (month <= 2 and 1 or 0)
    return format("%04d-%02d-%02d %02d:%02d:%02d", year, month, day,
        floor(seconds / 3600), floor(seconds / 60) % 60, seconds % 60)
end
