package cluster

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"syscall"
)

// keeper is a shell that stands between us and a server. It reads from a pipe
// that only we hold; when the pipe closes, because we say so or because this
// process died in whatever way, it stops the server and removes its folder.
type keeper struct {
	folder string
	shell  *exec.Cmd
	pipe   io.Closer
}

// keeperScript starts the server of its arguments. QUIT ends PostgreSQL at once,
// with its children. Those come from the shell with QUIT ignored, but PostgreSQL
// sets its own.
const keeperScript = `
folder=$1 log=$2
shift 2
"$@" >"$log" 2>&1 &
server=$!
read -r _
kill -QUIT "$server" 2>/dev/null
wait "$server"
rm -rf "$folder"
`

// keep starts a server as a user; nil is ourselves. Its output goes to log, which
// is in folder. It is in a process group of its own, so that an interrupt at the
// terminal reaches us alone.
func keep(folder, log string, as *syscall.Credential, server ...string) (*keeper, error) {
	shell := exec.Command("/bin/sh", append([]string{"-c", keeperScript, "keeper", folder, log}, server...)...)
	shell.Dir = folder
	shell.SysProcAttr = &syscall.SysProcAttr{Credential: as, Setpgid: true}
	pipe, err := shell.StdinPipe()
	if err != nil {
		return nil, err
	}
	return &keeper{folder, shell, pipe}, shell.Start()
}

// stop stops the server, removes its folder and waits for both. The shell may
// not be allowed to remove the folder itself; we are.
func (k *keeper) stop() error {
	return errors.Join(k.pipe.Close(), k.shell.Wait(), os.RemoveAll(k.folder))
}
