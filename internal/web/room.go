package web

// roomSize is how much garbage a process may gather, beside as much as it keeps,
// before the collector runs, in bytes.
const roomSize = 64 << 20

// Room lets a process that serves gather some garbage before the collector looks
// for it: a small bank keeps so little that it would look after every hundred
// requests, for a quarter of the processor's time. The memory that is given is never
// touched, and so is none of the machine's; it counts until it is let go with
// runtime.KeepAlive. GOGC and GOMEMLIMIT hold as ever.
func Room() []byte { return make([]byte, roomSize) }
