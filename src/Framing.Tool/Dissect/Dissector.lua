-- What follows is the same for every header; `layout` above says what is in this one.
-- A number of up to 64 bits is a pair: value = high * 2^32 + low, 0 <= low < 2^32. Lua's own numbers are exact to 2^53 only, in some versions.

local word = 4294967296

local proto = Proto(layout.filter, layout.title)
local payload_field = ProtoField.bytes(layout.filter .. ".payload", "Payload")
local malformed = ProtoExpert.new(layout.filter .. ".malformed", "Malformed header", expert.group.MALFORMED, expert.severity.ERROR)
local mismatch = ProtoExpert.new(layout.filter .. ".checksum_mismatch", "Checksum mismatch", expert.group.CHECKSUM, expert.severity.ERROR)
local unread = ProtoExpert.new(layout.filter .. ".unread", "Behind a refused frame", expert.group.UNDECODED, expert.severity.WARN)
local lost = ProtoExpert.new(layout.filter .. ".lost", "Behind a packet that the capture cut", expert.group.UNDECODED, expert.severity.WARN)
local stream_of = Field.new("tcp.stream")

local registered = { payload_field }
for _, field in ipairs(layout.fields) do
    registered[#registered + 1] = field.show
end
if layout.checksum then
    registered[#registered + 1] = layout.checksum.show
end
proto.fields = registered
proto.experts = { malformed, mismatch, unread, lost }

-- Where each direction of each connection was refused: the number of the packet, whether that was in frames that were joined of several, and what to say of the
-- rest. Nothing behind it is a header.
local refused = {}

function proto.init()
    refused = {}
end

local function direction(pinfo)
    local stream = stream_of()
    return (stream and tostring(stream.value) or "") .. " " .. tostring(pinfo.src) .. " " .. pinfo.src_port
end

local function less(a, b)
    return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2])
end

local function equal(a, b)
    return a[1] == b[1] and a[2] == b[2]
end

local function add(a, n)
    local high, low = a[1], a[2] + n
    while low < 0 do high, low = high - 1, low + word end
    while low >= word do high, low = high + 1, low - word end
    return { high, low }
end

local function read(tvb, frame, field)
    local bytes = tvb:raw(frame + field.offset, field.width)
    local high, low = 0, 0
    for i = 1, field.width do
        local byte = bytes:byte(field.little and field.width + 1 - i or i)
        if field.signed and i == 1 and byte > 127 then
            high, low = -1, word - 256 + byte
        else
            high, low = high * 256 + math.floor(low / 16777216), low % 16777216 * 256 + byte
        end
    end
    return { high, low }
end

-- nil, or why a field is refused.
local function judge(field, value, payload)
    if field.values then
        for _, legal in ipairs(field.values) do
            if equal(value, legal) then return nil end
        end
        return "FieldOutOfRange"
    end
    if field.total then
        if value[1] < 0 then return "TotalLengthNegative" end
        local stated = payload[1] >= 0 and payload[1] < word / 2     -- otherwise the length itself is refused
        if field.total == "equalsCurrent" and stated and not equal(value, payload) then return "TotalLengthMismatch" end
        if field.total == "atLeastCurrent" and stated and less(value, payload) then return "TotalLengthTooShort" end
        return nil
    end
    if field.least and less(value, field.least) or field.greatest and less(field.greatest, value) then return "FieldOutOfRange" end
    return nil
end

-- The payload's length, or nil and why the header is refused. In the decoder's order.
local function judge_header(tvb, frame)
    local length_field = layout.fields[layout.length]
    local length = read(tvb, frame, length_field)
    local payload = add(length, layout.addend)
    for _, i in ipairs(layout.judged) do
        local field = layout.fields[i]
        local reason = judge(field, read(tvb, frame, field), payload)
        if reason then return nil, reason .. ": " .. field.name .. field.rule end
    end
    if less(length, length_field.least) then return nil, "FieldOutOfRange: " .. length_field.name .. length_field.rule end
    if less(length_field.greatest, length) then return nil, "PayloadTooLong: " .. length_field.name .. length_field.rule end
    return payload[1] * word + payload[2]
end

local xor = (bit32 and bit32.bxor) or (bit and bit.bxor) or load("return function(a, b) return a ~ b end")()

local crc_table = {}
if layout.checksum then
    for i = 0, 255 do
        local crc = i
        for _ = 1, 8 do
            local half = math.floor(crc / 2)
            crc = crc % 2 == 1 and xor(half, layout.checksum.polynomial) % word or half
        end
        crc_table[i] = crc
    end
end

local function crc32(bytes)
    local crc = word - 1
    for i = 1, #bytes do
        crc = xor(crc_table[xor(crc % 256, bytes:byte(i)) % 256], math.floor(crc / 256)) % word
    end
    return word - 1 - crc
end

local function checksum_matches(tvb, frame, size)
    local checksum = layout.checksum
    local place = { offset = checksum.offset or size - 4, width = 4, little = checksum.little }
    local last = checksum.range_end or (checksum.offset and size or size - 4)
    local covered = last > checksum.range_start and tvb:raw(frame + checksum.range_start, last - checksum.range_start) or ""
    return read(tvb, frame, place)[2] == crc32(covered)
end

local function show(tree, field, tvb, start)
    tree[field.little and "add_le" or "add"](tree, field.show, tvb(start, field.width))
end

local function show_header(tvb, frame, size, tree)
    local item = tree:add(proto, tvb(frame, size))
    for _, field in ipairs(layout.fields) do
        show(item, field, tvb, frame + field.offset)
    end
    if layout.checksum and layout.checksum.offset then show(item, layout.checksum, tvb, frame + layout.checksum.offset) end
    return item
end

-- Shows one frame. Its size in bytes; 0 and the missing bytes where it is not whole; nil and why where it is refused.
local function show_frame(tvb, frame, tree)
    local have = tvb:len() - frame
    if have < layout.header_size then return 0, DESEGMENT_ONE_MORE_SEGMENT end
    local payload, reason = judge_header(tvb, frame)
    if not payload then
        show_header(tvb, frame, layout.header_size, tree):add_proto_expert_info(malformed, reason)
        return nil, reason
    end

    local size = layout.header_size + payload
    local checksum = layout.checksum
    local of_header = checksum and checksum.offset and checksum.range_end      -- judged with the header, as every other rule
    local matches = not checksum or have < size and not of_header or checksum_matches(tvb, frame, size)
    if matches and have < size then return 0, size - have end

    local item = show_header(tvb, frame, math.min(size, have), tree)
    if payload > 0 and have >= size then item:add(payload_field, tvb(frame + layout.header_size, payload)) end
    if checksum and not checksum.offset then show(item, checksum, tvb, frame + size - 4) end
    if matches then return size end
    reason = "ChecksumMismatch: " .. checksum.name
    item:add_proto_expert_info(mismatch, reason)
    return nil, reason
end

-- What follows a joined frame in its last packet comes in a call of its own; only what was joined begins at no place of the packet.
local function is_behind(where, tvb, pinfo)
    return where and (pinfo.number > where.number or pinfo.number == where.number and where.joined and tvb:offset() > 0)
end

local function count(frames)
    return frames == 1 and "1 frame " or frames .. " frames "
end

function proto.dissector(tvb, pinfo, tree)
    local from = direction(pinfo)
    pinfo.cols.protocol:set(layout.name)
    if is_behind(refused[from], tvb, pinfo) then
        pinfo.cols.info:set(refused[from].cut and "behind a packet that was cut" or "behind a refused frame")
        tree:add(proto, tvb()):add_proto_expert_info(refused[from].cut and lost or unread)
        return tvb:len()
    end

    local frame, frames = 0, 0
    while frame < tvb:len() do
        local size, rest = show_frame(tvb, frame, tree)
        if not size then
            refused[from] = { number = pinfo.number, joined = tvb:offset() == 0 }
            pinfo.cols.info:set((frames > 0 and count(frames) .. "and " or "") .. rest)
            return tvb:len()
        end
        if size == 0 then
            if tvb:len() == tvb:reported_len() then
                pinfo.desegment_offset = frame
                pinfo.desegment_len = rest
            elseif tvb:len() - frame < layout.header_size or tvb:len() + rest ~= tvb:reported_len() then
                -- A packet that was cut when it was captured is never joined, and where the next frame begins is known only if one ends with the packet.
                refused[from] = { number = pinfo.number, joined = false, cut = true }
            end
            break
        end
        frame, frames = frame + size, frames + 1
    end
    if frame == tvb:len() and frame < tvb:reported_len() then
        refused[from] = { number = pinfo.number, joined = false, cut = true }      -- what was not captured may end inside a frame
    end

    if frames > 0 then pinfo.cols.info:set(count(frames)) end
    return tvb:len()
end

DissectorTable.get("tcp.port"):add(layout.port, proto)
