// Cacheprog is a cache for the go command that keeps everything in one folder,
// as a build farm would on its servers:
//
//	GOCACHEPROG="cacheprog DIR" go build
//
// The folder may be one that several machines see.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

type request struct {
	ID       int64
	Command  string
	ActionID []byte
	OutputID []byte
	BodySize int64
}

type response struct {
	ID            int64
	Err           string     `json:",omitempty"`
	KnownCommands []string   `json:",omitempty"`
	Miss          bool       `json:",omitempty"`
	OutputID      []byte     `json:",omitempty"`
	Size          int64      `json:",omitempty"`
	Time          *time.Time `json:",omitempty"`
	DiskPath      string     `json:",omitempty"`
}

func main() {
	dir := os.Args[1]
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	out.Encode(response{KnownCommands: []string{"get", "put", "close"}})
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return
		}
		var req request
		if len(strings.TrimSpace(string(line))) == 0 {
			continue
		}
		if err := json.Unmarshal(line, &req); err != nil {
			fmt.Fprintln(os.Stderr, "cacheprog:", err)
			os.Exit(1)
		}
		res := response{ID: req.ID}
		switch req.Command {
		case "get":
			err = get(dir, &req, &res)
		case "put":
			err = put(dir, &req, &res, in)
		}
		if err != nil {
			res.Err = err.Error()
		}
		out.Encode(res)
		if req.Command == "close" {
			return
		}
	}
}

func entry(dir string, id []byte) string { return filepath.Join(dir, fmt.Sprintf("%x-a", id)) }

func get(dir string, req *request, res *response) error {
	data, err := os.ReadFile(entry(dir, req.ActionID))
	if err != nil {
		res.Miss = true
		return nil
	}
	if _, err := fmt.Sscanf(string(data), "%x", &res.OutputID); err != nil {
		return err
	}
	res.DiskPath = filepath.Join(dir, fmt.Sprintf("%x-d", res.OutputID))
	info, err := os.Stat(res.DiskPath)
	if err != nil {
		return err
	}
	mtime := info.ModTime()
	res.Size, res.Time = info.Size(), &mtime
	return nil
}

func put(dir string, req *request, res *response, in *bufio.Reader) error {
	var body []byte
	if req.BodySize > 0 {
		for len(body) == 0 { // a JSON string on a line of its own, behind an empty one
			line, err := in.ReadString('\n')
			if err != nil {
				return err
			}
			if line = strings.TrimSpace(line); line != "" {
				if body, err = base64.StdEncoding.DecodeString(strings.Trim(line, `"`)); err != nil {
					return err
				}
			}
		}
	}
	res.DiskPath = filepath.Join(dir, fmt.Sprintf("%x-d", req.OutputID))
	if err := write(res.DiskPath, body); err != nil {
		return err
	}
	return write(entry(dir, req.ActionID), fmt.Appendf(nil, "%x", req.OutputID))
}

// write writes a file at once: others may be reading it.
func write(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), "tmp")
	if err != nil {
		return err
	}
	if _, err = f.Write(data); err == nil {
		err = f.Close()
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
