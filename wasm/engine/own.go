//go:build js

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"strings"
	"syscall/js"

	"github.com/seed8935e608/residua/internal/errtext"
	"github.com/seed8935e608/residua/resnet/modelfile"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
	"github.com/seed8935e608/residua/weights"
)

const (
	// aboutName is a file beside the manifest of a user's model: its entry in the list of models, and what was assumed.
	aboutName = "about.json"

	// maxOwn limits the weights of a user's model, in bytes: they and the packed weights must fit the engine's 1 GiB.
	// ResNeXt-101 64×4d, torchvision's second largest network, has 334 MB in float32.
	maxOwn = 350e6
	// pieceBytes is how much is read at a time. A Blob is copied through a JavaScript buffer, which should not have the
	// size of the file.
	pieceBytes = 8 << 20
)

// openFiles recognises the network in some Blobs, in any order. It reads little of files that are not the network's.
func openFiles(ctx context.Context, files js.Value, progress func(proto.Progress)) (source, error) {
	var given []modelfile.GivenFile
	read := &readProgress{report: progress}
	for i := range files.Length() {
		blob := files.Index(i)
		size := int64(blob.Get("size").Float())
		read.total += size
		given = append(given, modelfile.GivenFile{Name: nameOf(blob), Size: size, Data: &blobReader{ctx, blob, read}})
	}
	opened, err := modelfile.OpenFiles(given, maxOwn)
	if err != nil {
		return source{}, refusal(ctx, err)
	}
	s := source{name: ownName(opened.Card.Model, opened.Sum), file: opened.File, size: opened.Bytes, own: true,
		fresh: true, notes: []proto.Note{}}
	for _, n := range opened.Notes {
		s.notes = append(s.notes, proto.Note{Code: n.Code, Value: n.Value})
	}
	return s, nil
}

// refusal is the error for files that cannot be opened.
func refusal(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if gone := (*goneError)(nil); errors.As(err, &gone) {
		return badFile(fmt.Sprintf("%.120q cannot be read any more; choose it again", gone.name), err)
	}
	return badFile(errtext.Clause(err), err)
}

// ownName is the name of a user's model: its card's name and a checksum, so that another file with the same name is
// another model.
func ownName(model string, checksum uint32) string {
	sum := fmt.Sprintf("-%08x", checksum)
	model = strings.TrimSuffix(strings.TrimPrefix(model, ownPrefix), sum)
	return ownPrefix + model[:min(len(model), 40)] + sum
}

// nameOf is a file's name; a Blob that is not a File has none.
func nameOf(blob js.Value) string {
	if name := blob.Get("name"); name.Type() == js.TypeString {
		return name.String()
	}
	return "model"
}

// blobReader reads a Blob, piece by piece.
type blobReader struct {
	ctx  context.Context
	blob js.Value
	read *readProgress
}

// readProgress counts what is read of several files, of total bytes together. Not all of them may be needed.
type readProgress struct {
	report      func(proto.Progress)
	read, total int64
}

// goneError says that a file which the page had is gone, or has changed.
type goneError struct{ name string }

func (e *goneError) Error() string { return e.name + " cannot be read any more" }

func (r *blobReader) ReadAt(b []byte, offset int64) (int, error) {
	for at := 0; at < len(b); at += pieceBytes {
		if err := r.ctx.Err(); err != nil {
			return at, err
		}
		end := min(at+pieceBytes, len(b))
		buffer, err := jsbridge.Await(r.blob.Call("slice", offset+int64(at), offset+int64(end)).Call("arrayBuffer"))
		if err != nil {
			warn("read", err)
			return at, &goneError{nameOf(r.blob)}
		}
		n := js.CopyBytesToGo(b[at:end], js.Global().Get("Uint8Array").New(buffer))
		jsbridge.Free(buffer)
		if n < end-at {
			return at + n, io.ErrUnexpectedEOF
		}
		r.read.add(int64(n))
	}
	return len(b), nil
}

// add counts n bytes. The first bytes of a file are read twice.
func (p *readProgress) add(n int64) {
	p.read = min(p.read+n, p.total)
	p.report(proto.Progress{Phase: proto.PhaseRead, Loaded: p.read, Total: p.total})
}

// keepOwn stores a user's new model in the cache, in the form of downloaded ones. It returns the file's size there and
// whether all of it is stored. If there is no room for all of it, it removes the part. It reports each shard: all of
// them may take a slow disk longer than the page lets an engine be silent.
func keepOwn(
	ctx context.Context, models string, s source, about proto.About, progress func(proto.Progress),
) (size int64, kept bool) {
	into := newModelCache(models, s.name)
	cache, ok := into.open()
	if !ok {
		return s.size, false
	}
	w := &shardWriter{ctx: ctx, into: into, cache: cache, sum: sha256.New(), shard: make([]byte, 0, weights.MaxShard)}
	w.report = func() { progress(proto.Progress{Phase: proto.PhaseKeep, Loaded: w.manifest.Size, Total: s.size}) }
	w.report()
	if w.keepAll(s.file, about) != nil {
		into.sweep(cache, weights.Manifest{})
		return s.size, false
	}
	return w.manifest.Size, true
}

// shardWriter stores what is written to it in the cache, shard by shard, so that memory never holds a second copy of
// the file.
type shardWriter struct {
	ctx      context.Context
	into     *modelCache
	cache    js.Value
	manifest weights.Manifest
	sum      hash.Hash // of the whole file
	shard    []byte    // the one that is being filled
	report   func()    // tells the page how much is stored
}

var errNoRoom = errors.New("the cache has no room")

func (w *shardWriter) Write(p []byte) (int, error) {
	w.sum.Write(p)
	for rest := p; len(rest) > 0; {
		n := min(len(rest), weights.MaxShard-len(w.shard))
		w.shard, rest = append(w.shard, rest[:n]...), rest[n:]
		if len(w.shard) == weights.MaxShard {
			if err := w.flush(); err != nil {
				return 0, err
			}
		}
	}
	return len(p), nil
}

// flush stores the shard.
func (w *shardWriter) flush() error {
	if len(w.shard) == 0 {
		return nil
	}
	pause(0) // a cancel may be waiting
	if err := w.ctx.Err(); err != nil {
		return err
	}
	m := &w.manifest
	body := jsbridge.TypedArray(w.shard)
	defer jsbridge.Free(body.Get("buffer"))
	digest := digestOf(body)
	shard := weights.Shard{Name: fmt.Sprintf("%s-%02d-%s.bin", w.into.name, len(m.Shards), digest[:12]),
		Size: int64(len(w.shard)), SHA256: digest}
	if !w.into.keep(w.cache, shard.Name, body) {
		return errNoRoom
	}
	m.Shards, m.Size, w.shard = append(m.Shards, shard), m.Size+shard.Size, w.shard[:0]
	w.report()
	return nil
}

// keepAll stores the shards and then the rest. The manifest comes last, so that it exists only if there was room for
// all.
func (w *shardWriter) keepAll(file *weights.File, about proto.About) error {
	if err := file.Write(w); err != nil {
		return err
	}
	if err := w.flush(); err != nil {
		return err
	}
	m := &w.manifest
	m.Version, m.Model, m.File = weights.ManifestVersion, w.into.name, w.into.name+".safetensors"
	m.SHA256 = hex.EncodeToString(w.sum.Sum(nil))
	about.Bytes = m.Size
	text, err := json.Marshal(about)
	if err != nil {
		return err
	}
	manifest, err := m.Encode()
	if err != nil {
		return err
	}
	if !w.into.keep(w.cache, aboutName, jsbridge.TypedArray(text)) {
		return errNoRoom
	}
	w.report()
	if !w.into.keep(w.cache, manifestName, jsbridge.TypedArray(manifest)) {
		return errNoRoom
	}
	return nil
}

// notes gives what was assumed when a user's model was opened.
func (s *modelCache) notes() []proto.Note {
	cache, cached := s.open()
	kept, ok := s.match(cache, cached, aboutName)
	var about proto.About
	if !ok || json.Unmarshal(copyToGo(kept), &about) != nil {
		return []proto.Note{}
	}
	return about.Notes
}

// badFile is the error for a user's file that cannot be used, for a reason that is a clause. An error which is no
// Refusal came after the file was opened: the network has a structure that cannot be computed.
func badFile(reason string, err error) *proto.Error {
	details := map[string]string{"reason": reason, "why": string(modelfile.WhyStructure), "detail": reason}
	var refusal *modelfile.Refusal
	if errors.As(err, &refusal) {
		details = map[string]string{"reason": reason, "why": string(refusal.Why)}
		maps.Copy(details, refusal.Values)
	}
	return &proto.Error{
		Code:    proto.CodeBadModelFile,
		Message: "The file cannot be used as a model: " + reason + ".",
		Details: details,
	}
}

func notKept(name string) *proto.Error {
	return &proto.Error{
		Code:    proto.CodeNotKept,
		Message: fmt.Sprintf("The model %s is not on this device any more. Choose its file again.", name),
		Details: map[string]string{"name": name},
	}
}
