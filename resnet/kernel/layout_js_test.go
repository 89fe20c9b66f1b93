package kernel

import (
	"testing"
	"unsafe"
)

// TestJobLayout holds the jobs to the offsets that the emitter has: a header of 8 bytes, pointers of 8, numbers of 4.
func TestJobLayout(t *testing.T) {
	var c convJob
	var p poolJob
	var w winogradJob
	var k packJob
	var u transposeJob
	var a affineJob
	var q quantiseJob
	for name, field := range map[string]struct{ got, want uintptr }{
		"header.count":    {unsafe.Offsetof(c.count), 4},
		"conv.src":        {unsafe.Offsetof(c.src), 8},
		"conv.offsets":    {unsafe.Offsetof(c.offsets), 48},
		"conv.head":       {unsafe.Offsetof(c.head), 56},
		"conv.rows":       {unsafe.Offsetof(c.rows), 64},
		"conv.relu":       {unsafe.Offsetof(c.relu), 84},
		"conv.dstBatch":   {unsafe.Offsetof(c.dstBatch), 112},
		"conv.groupBytes": {unsafe.Offsetof(c.groupBytes), 120},
		"conv.scale":      {unsafe.Offsetof(c.scale), 124},
		"pool.offsets":    {unsafe.Offsetof(p.offsets), 24},
		"pool.rows":       {unsafe.Offsetof(p.rows), 32},
		"pool.unit":       {unsafe.Offsetof(p.unit), 44},
		"winograd.src":    {unsafe.Offsetof(w.src), 8},
		"winograd.height": {unsafe.Offsetof(w.height), 48},
		"winograd.first":  {unsafe.Offsetof(w.first), 72},
		"pack.offsets":    {unsafe.Offsetof(k.offsets), 32},
		"pack.rows":       {unsafe.Offsetof(k.rows), 40},
		"pack.srcPicture": {unsafe.Offsetof(k.srcPicture), 72},
		"affine.rows":     {unsafe.Offsetof(a.rows), 40},
		"affine.unit":     {unsafe.Offsetof(a.unit), 48},
		"quantise.dst":    {unsafe.Offsetof(q.dst), 16},
		"quantise.len":    {unsafe.Offsetof(q.length), 24},
		"quantise.factor": {unsafe.Offsetof(q.factor), 32},
		"transpose.dst":   {unsafe.Offsetof(u.dst), 16},
		"transpose.rows":  {unsafe.Offsetof(u.rows), 24},
		"transpose.bytes": {unsafe.Offsetof(u.unitBytes), 44},
	} {
		if field.got != field.want {
			t.Errorf("%s lies at %d, want %d", name, field.got, field.want)
		}
	}
	if uintptr(unsafe.Pointer(&present.control))%8 != 0 {
		t.Error("the control block is not aligned for 64-bit atomics")
	}
}
